import type { Option } from "./command.ts";
import { SandboxClient } from "./sandbox-client.ts";

/** Options of every verb that types a PIN into the card. */
export const pinOptions = {
  pin: { type: "string", value: "PIN", help: "what is typed in (what the city office knows)" },
  "last-try": { type: "boolean", help: "type it in even if one try is left" },
} as const satisfies Record<string, Option>;

/** The PIN that was given on the command line, else the right one. */
export async function pinToType(
  sandbox: string,
  personId: string,
  kind: "signature" | "authentication",
  given: string | undefined,
): Promise<string> {
  return given ?? (await new SandboxClient(sandbox).person(personId)).pins[kind];
}
