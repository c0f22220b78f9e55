import { CliError } from "../cli-error.ts";
import { type PartName, partNames } from "./part.ts";

export type Selection = { parts: PartName[]; startPage: boolean };

/** The roles of the platform are one process. */
const names: Record<string, PartName | "start"> = {
  start: "start",
  op: "server",
  api: "server",
  server: "server",
  sandbox: "sandbox",
  wallet: "wallet",
  bank: "bank",
};

/** What `--only` selects; everything without it. Throws `CliError("USAGE")`. */
export function parseOnly(text: string | undefined): Selection {
  if (text === undefined) return { parts: [...partNames], startPage: true };
  const wanted = text.split(",").map((name) => {
    const part = Object.hasOwn(names, name) ? names[name] : undefined;
    if (!part) throw new CliError("USAGE", `--only takes ${Object.keys(names).join(", ")}; not "${name}"`);
    return part;
  });
  return { parts: partNames.filter((name) => wanted.includes(name)), startPage: wanted.includes("start") };
}
