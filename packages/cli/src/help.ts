import type { Command, Option } from "./command.ts";
import { commands } from "./commands.ts";

/** All verbs, or those of one group (`person`). */
export function overview(group?: string): string {
  const names = Object.keys(commands);
  const inGroup = names.filter((name) => name.startsWith(`${group} `));
  const lines = (inGroup.length > 0 ? inGroup : names).map(
    (name) => `  xid ${name.padEnd(16)} ${commands[name]?.summary}`,
  );
  return [
    "xID – マイナンバーカードによるデジタルID / digital ID on the My Number Card",
    "",
    ...lines,
    "",
    "xid VERB --help",
  ].join("\n");
}

export function commandHelp(name: string, command: Command, commonOptions: Record<string, Option>): string {
  const own = Object.entries(command.options);
  return [
    commands[name]?.summary ?? "",
    "",
    `  xid ${[name, ...command.positionals].join(" ")}${own.length > 0 ? " [options]" : ""}`,
    "",
    ...own.map(optionLine),
    ...(own.length > 0 ? [""] : []),
    ...Object.entries(commonOptions).map(optionLine),
    ...(command.notes ? ["", ...command.notes] : []),
  ].join("\n");
}

function optionLine([name, option]: [string, Option]): string {
  return `  ${`--${name}${option.value ? ` ${option.value}` : ""}`.padEnd(24)} ${option.help}`;
}
