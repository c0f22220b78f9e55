import { writeFileSync } from "node:fs";
import { personasDocument } from "./personas-document.ts";

writeFileSync(new URL("../../../docs/personas.md", import.meta.url), personasDocument());
