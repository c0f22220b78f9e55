import { SandboxError } from "../error.ts";
import { fullWidth } from "./full-width.ts";

/** A name as the register holds it, in full width. Throws NAME_UNSUITABLE. */
export function parseName(text: string): string {
  const name = fullWidth(text);
  if (name === "" || /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}]/u.test(name)) {
    throw new SandboxError("NAME_UNSUITABLE", "a name has printable characters only");
  }
  return name;
}
