import { ItemName, itemNames, type RequestDisplay } from "@xid/protocol";
import { CliError } from "../cli-error.ts";
import type { Option } from "../command.ts";

export const itemOptions = {
  items: { type: "string", value: "a,b", help: `what to let go of: ${itemNames.join(", ")}` },
  latest: { type: "boolean", help: "also let the service be told of later changes" },
  all: { type: "boolean", help: "let go of everything that is asked for" },
} as const satisfies Record<string, Option>;

/** Whether the service may be told of later changes, where it asks for that: only if named or with `--all`. */
export function wantsLatest({ latest, all }: { latest?: boolean | undefined; all?: boolean | undefined }): boolean {
  return latest === true || all === true;
}

/**
 * How a person without a screen decides: the required items always, voluntary ones only if named or with `--all`.
 * Throws `USAGE` on an item that does not exist. The chooser throws `USAGE` on one that is not asked for, and
 * `REQUIRED_ITEM` if `--items` is given and leaves a required one out.
 */
export function itemChooser(items: string | undefined, all: boolean): (display: RequestDisplay) => ItemName[] {
  if (items !== undefined && all) throw new CliError("USAGE", "either --items or --all");
  const named = items === undefined ? undefined : parseItems(items);
  return (display) => {
    const asked = display.items.map(({ name }) => name);
    const required = display.items.filter((item) => item.required).map(({ name }) => name);
    if (all) return asked;
    if (!named) return required;
    const foreign = named.find((name) => !asked.includes(name));
    if (foreign) throw new CliError("USAGE", `${foreign} is not asked for`);
    const missing = required.find((name) => !named.includes(name));
    if (missing) throw new CliError("REQUIRED_ITEM", `${display.client.name.en} requires ${missing}`);
    return named;
  };
}

function parseItems(text: string): ItemName[] {
  const names = text.split(",").filter((name) => name !== "");
  return [...new Set(names)].map((name) => {
    const item = ItemName.safeParse(name);
    if (!item.success) throw new CliError("USAGE", `--items takes ${itemNames.join(", ")}`);
    return item.data;
  });
}
