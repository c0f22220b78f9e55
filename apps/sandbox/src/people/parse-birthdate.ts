import { type Day, isBirthdate } from "../calendar.ts";
import { SandboxError } from "../error.ts";

const firstBirthdate = "1900-00-00";

/** A day, or `00` for what of it is not known. Throws BIRTHDATE_UNSUITABLE for what is no day, in the future, or before anyone living was born. */
export function parseBirthdate(text: string, today: Day): Day {
  if (!isBirthdate(text) || text < firstBirthdate || text > today) {
    throw new SandboxError("BIRTHDATE_UNSUITABLE", "not a birth date of someone living");
  }
  return text;
}
