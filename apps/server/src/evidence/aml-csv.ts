import type { AmlRecord } from "@xid/protocol";
import { amlColumns } from "./aml-columns.ts";

/** RFC 4180 in UTF-8 with a byte order mark, as Japanese spreadsheets want it. */
export function amlCsv(records: readonly AmlRecord[]): Uint8Array {
  const lines = [
    amlColumns.map(({ title }) => title),
    ...records.map((record) => amlColumns.map(({ value }) => value(record))),
  ];
  return Buffer.from(`\ufeff${lines.map((line) => `${line.map(field).join(",")}\r\n`).join("")}`, "utf8");
}

/** A text that a spreadsheet would take for a formula begins with an apostrophe. */
function field(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
