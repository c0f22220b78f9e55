import { isTaken, type Pins } from "../store/people.ts";
import type { World } from "../world.ts";
import { makeMyNumber } from "./my-number.ts";

/** An id that nobody has. */
export function makeId({ database, random }: World): string {
  const alphabet = "23456789abcdefghjkmnpqrstvwxyz";
  for (;;) {
    const id = `p-${Array.from({ length: 6 }, () => alphabet[random(alphabet.length)]).join("")}`;
    if (!isTaken(database, "id", id)) return id;
  }
}

/** A My Number that nobody has. */
export function makeUniqueMyNumber({ database, random }: World): string {
  for (;;) {
    const number = makeMyNumber(random);
    if (!isTaken(database, "my_number", number)) return number;
  }
}

/** Passwords as a holder might choose them. */
export function makePins({ random }: World, id: string): Pins {
  const digits = () => String(random(10_000)).padStart(4, "0");
  const word = /^[a-z]+$/.test(id) ? id.toUpperCase() : "XID";
  return { signature: `${word.slice(0, 12)}${digits()}`, authentication: digits(), text: digits() };
}
