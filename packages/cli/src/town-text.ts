import type { Town } from "./sandbox-client.ts";

export function townText({ residents, seed, foundedOn, serials }: Town): string {
  return [
    `住民 / residents       ${residents}  (t-1 … t-${residents})`,
    `シード / seed          ${seed}, ${foundedOn}`,
    `発行番号 / serials     ${serials.join(" … ")}`,
  ].join("\n");
}
