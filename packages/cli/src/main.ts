import { parseArgs } from "node:util";
import { CliError } from "./cli-error.ts";
import type { Command, Option, Values } from "./command.ts";
import { commands } from "./commands.ts";
import { describeError } from "./describe-error.ts";
import { commandHelp, overview } from "./help.ts";
import { readLanguage } from "./language.ts";
import { readPlaces } from "./places.ts";

/** Options that every verb has. */
export const commonOptions = {
  json: { type: "boolean", help: "結果をJSONで / print the result as JSON" },
  help: { type: "boolean", help: "この説明 / this text" },
  lang: { type: "string", value: "ja|en", help: "言語（LANG） / language (LANG)" },
  platform: { type: "string", value: "URL", help: "the platform (http://localhost:4001)" },
  sandbox: { type: "string", value: "URL", help: "the sandbox (http://localhost:4006)" },
  app: { type: "string", value: "URL", help: "the xID app (http://localhost:4002)" },
  "port-base": { type: "string", value: "N", help: "shift all local addresses (4000)" },
  data: { type: "string", value: "DIR", help: "data directory (XID_DATA_DIR, else .xid)" },
} as const satisfies Record<string, Option>;

/** Runs one command line (without `node xid`) and returns the exit status. */
export async function main(argumentList: string[]): Promise<number> {
  const json = argumentList.includes("--json");
  try {
    await run(argumentList);
    return 0;
  } catch (error) {
    const language = readLanguage(/--lang[= ](ja|en)/.exec(argumentList.join(" "))?.[1], process.env);
    const { code, message, details, exitStatus } = await describeError(error, language);
    process.stderr.write(json ? `${JSON.stringify({ code, message, ...details })}\n` : `${code}: ${message}\n`);
    return exitStatus;
  }
}

async function run(argumentList: string[]): Promise<void> {
  const name = findCommand(argumentList);
  if (name === undefined) {
    const asksForHelp = argumentList.length === 0 || ["--help", "-h", "help"].includes(argumentList.at(-1) as string);
    if (!asksForHelp)
      throw new CliError(
        "USAGE",
        `unknown command "${argumentList
          .slice(0, 2)
          .filter((word) => !word.startsWith("-"))
          .join(" ")}"; try xid --help`,
      );
    print(overview(argumentList[0]));
    return;
  }
  const command = await (commands[name] as (typeof commands)[string]).load();
  const options = { ...commonOptions, ...command.options };
  const { values, positionals } = parse(name, options, argumentList.slice(name.split(" ").length));
  if (values.help) {
    print(commandHelp(name, command, commonOptions));
    return;
  }
  checkPositionals(name, command, positionals);
  if (values.lang !== undefined && !/^(ja|en)$/.test(values.lang)) throw new CliError("USAGE", "--lang is ja or en");
  const places = readPlaces(values, process.env);
  const language = readLanguage(values.lang, process.env);
  const result = await command.run({ values, positionals, places, language, json: values.json ?? false, print });
  if (result) print(values.json ? JSON.stringify(result.json) : result.text);
}

/** The longest command name that the command line begins with. */
function findCommand(argumentList: string[]): string | undefined {
  const two = argumentList.slice(0, 2).join(" ");
  if (Object.hasOwn(commands, two)) return two;
  const one = argumentList[0] ?? "";
  return Object.hasOwn(commands, one) ? one : undefined;
}

function parse<Options extends Record<string, Option>>(name: string, options: Options, args: string[]) {
  try {
    const ids = args.filter(isRequestId);
    const inOrder = ids.length === 0 ? args : [...args.filter((arg) => !isRequestId(arg)), "--", ...ids];
    const { values, positionals } = parseArgs({ args: inOrder, options, allowPositionals: true });
    return { values: values as unknown as Values<Options>, positionals };
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split("\n")[0] as string) : String(cause);
    throw new CliError("USAGE", `${message} (xid ${name} --help)`, { cause });
  }
}

/** One of 64 ids of requests begins with a hyphen, and is no option. */
function isRequestId(arg: string): boolean {
  return /^-[A-Za-z0-9_][\w-]{29,61}$/.test(arg);
}

function checkPositionals(name: string, command: Command, positionals: string[]): void {
  if (positionals.length === command.positionals.length) return;
  const expected = ["xid", name, ...command.positionals].join(" ");
  throw new CliError("USAGE", `expected: ${expected} (xid ${name} --help)`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
