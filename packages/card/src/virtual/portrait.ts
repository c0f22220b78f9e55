import { readFileSync } from "node:fs";
import { join } from "node:path";

/** How many portraits there are in `portraits/`; `tools/make-portraits.ts` draws them. */
export const portraitCount = 6;

/** A greyscale JPEG 2000 picture (JP2) of nobody. Any whole number chooses one. */
export function portrait(number: number): Buffer {
  const index = ((Math.trunc(number) % portraitCount) + portraitCount) % portraitCount;
  return readFileSync(join(import.meta.dirname, "portraits", `${index + 1}.jp2`));
}
