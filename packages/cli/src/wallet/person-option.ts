import { CliError } from "../cli-error.ts";
import type { Option } from "../command.ts";

export const personOption = {
  person: { type: "string", value: "ID", help: "whose wallet it is" },
} as const satisfies Record<string, Option>;

export function requirePerson(person: string | undefined): string {
  if (!person) throw new CliError("USAGE", "--person ID is needed");
  return person;
}
