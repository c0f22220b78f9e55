import type { Measurement } from "./benchmark.ts";

/** Measurements as a table for a terminal. */
export function table(measurements: Measurement[]): string {
  const rows = measurements.map(({ what, value, unit, reference, runs }) => [
    what,
    `${round(value)} ${unit}`,
    runs && runs.length > 1 ? `${round(Math.min(...runs))}–${round(Math.max(...runs))}` : "",
    reference ? `${round(reference.value)} ${unit}` : "",
    reference ? `× ${(value / reference.value).toFixed(2)}` : "",
    reference?.what ?? "",
  ]);
  const all = [["what", "median", "range", "reference", "ratio", "reference is"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function round(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
