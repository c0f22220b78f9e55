import { writeFile } from "node:fs/promises";
import type { Means } from "@xid/sdk/testing";
import { cardOfPerson, cardOptions } from "./card-of-person.ts";
import { wantsLatest } from "./choose-items.ts";

export const meansOptions = {
  ...cardOptions,
  document: { type: "string", value: "FILE", help: "where the PDF is kept that is shown and signed" },
} as const;

/** What the command's options give an approval beyond its items. */
export function meansOf(
  call: Parameters<typeof cardOfPerson>[0] & {
    values: { document?: string | undefined; latest?: boolean | undefined; all?: boolean | undefined };
  },
): Means {
  const { document } = call.values;
  const card = cardOfPerson(call);
  return {
    card,
    latestAttributes: wantsLatest(call.values),
    ...(document !== undefined && { keepDocument: (file) => writeFile(document, file) }),
  };
}
