import { myNumberCheckDigit } from "@xid/card";

/** Every My Number of the simulation begins so; nothing else in it does, so that one can search for leaks. */
export const myNumberRange = "99990";

/** A fictional My Number in the declared range. `random` gives an integer below its argument. */
export function makeMyNumber(random: (below: number) => number): string {
  const body = myNumberRange + String(random(1_000_000)).padStart(6, "0");
  return body + myNumberCheckDigit(body);
}
