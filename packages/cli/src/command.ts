import type { Language } from "./language.ts";
import type { Places } from "./places.ts";

export type Option = {
  type: "string" | "boolean";
  multiple?: true;
  /** Stands for the value in the help text. */
  value?: string;
  help: string;
};

export type Values<Options extends Record<string, Option>> = {
  [Name in keyof Options]: Options[Name] extends { multiple: true }
    ? string[] | undefined
    : Options[Name] extends { type: "boolean" }
      ? boolean | undefined
      : string | undefined;
};

/** What a command is called with. */
export type Call<Options extends Record<string, Option>> = {
  values: Values<Options>;
  /** As many as the command names. */
  positionals: string[];
  places: Places;
  language: Language;
  /** Whether `--json` was given: only commands that print while they run need to know. */
  json: boolean;
  /** One line on stdout. */
  print(line: string): void;
};

/** What a command that is done prints: `json` with `--json`, else `text`. */
export type Result = { json: unknown; text: string };

export type Command<Options extends Record<string, Option> = Record<string, Option>> = {
  /** Names of the positional arguments, all required: `["ID"]`. */
  positionals: readonly string[];
  options: Options;
  /** What is worth knowing beyond the summary; lines of the help text. */
  notes?: readonly string[];
  /** Returns nothing if it has printed everything itself. Throws `CliError`, `CardError` or `ProtocolError`. */
  run(call: Call<Options>): Promise<Result | undefined>;
};

/** Lets TypeScript infer the values of `options` inside `run`. */
export function defineCommand<const Options extends Record<string, Option>>(command: Command<Options>): Command {
  return command as unknown as Command;
}
