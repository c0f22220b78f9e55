import type { RevokedEntry } from "../ca/crl-entry.ts";
import { generation, generationAt } from "../ca/generation.ts";
import type { Kind, Reason } from "../ca/kind.ts";
import { certificateEnd } from "../ca/validity.ts";
import { type Day, dayInJapan, dayLength, startOfDay } from "../calendar.ts";
import { municipalities, sampleAddress } from "../people/municipalities.ts";
import { chance, series } from "./chance.ts";
import { names } from "./names.ts";
import { Permutation } from "./permutation.ts";

/** All that is stored of a town: everything else is computed from it, always the same. */
export type TownPlan = {
  seed: number;
  residents: number;
  /** The day on which its past ends; from then on only what somebody does happens. */
  foundedOn: Day;
  /** Serial numbers from here on are the town's, in both series. */
  firstSerial: number;
};

/** A resident of the town by number, from 0. */
export type TownResident = {
  name: string;
  kana: string;
  birthdate: Day;
  gender: "male" | "female";
  address: string;
};

/** A certificate of the town, without its bytes: they come with its first use. */
export type TownCertificate = {
  kind: Kind;
  serial: number;
  generation: number;
  resident: number;
  /** What it says of its holder, as it was at its time. */
  attributes: TownResident;
  municipality: string;
  notBefore: Date;
  notAfter: Date;
  revocation: { at: Date; reason: Reason } | undefined;
  held: boolean;
};

/** What brought a resident to the city office, after their first card. */
type Cause = "first-card" | "move" | "new-name" | "renewal" | "new-card" | "loss";

/** How often a resident can have been at the city office; each time has its own fifteen months. */
const visits = 4;
const last = visits - 1;
export const daysOfPast = 1825;
/** Fifteen years in days, with all the leap years that can be in them. */
const signatureAge = 15 * 365 + 4;
/** Working time of a city office: from nine in Japan, for eight hours. */
const opens = 9 * 60 * 60 * 1000;
const open = 8 * 60 * 60;

export const largestTown = 2 ** 24;

/**
 * A town whose residents are computed from a seed: who they are, which certificates they were issued, when these ended and
 * why. Serial numbers grow with the time of issue. Nothing here knows what anybody does in the simulation afterwards.
 */
export class Town {
  readonly plan: TownPlan;
  readonly #start: number;
  readonly #permutations: Permutation[];

  constructor(plan: TownPlan) {
    this.plan = plan;
    this.#start = startOfDay(plan.foundedOn).getTime() - daysOfPast * dayLength;
    this.#permutations = Array.from(
      { length: visits },
      (_, visit) => new Permutation(plan.residents, chance(plan.seed, visit, 99)),
    );
  }

  /** How many serial numbers the town takes of each series; not every one was given. */
  get serials(): number {
    return this.plan.residents * visits;
  }

  resident(index: number): TownResident {
    return this.#residentAfter(index, last + 1);
  }

  /** All that a resident had, in the order of issue. */
  certificatesOf(index: number): TownCertificate[] {
    const found: TownCertificate[] = [];
    for (let visit = 0; visit < visits; visit++) {
      for (const kind of ["authentication", "signature"] as const) {
        if (this.#isIssued(kind, index, visit)) found.push(this.#certificate(kind, index, visit));
      }
    }
    return found;
  }

  findCertificate(kind: Kind, serial: number): TownCertificate | undefined {
    const offset = serial - this.plan.firstSerial;
    if (offset < 0 || offset >= this.serials) return undefined;
    const { index, visit } = this.#holder(offset);
    return this.#isIssued(kind, index, visit) ? this.#certificate(kind, index, visit) : undefined;
  }

  /** In the order of serial numbers; computed while it is read. */
  *revoked(kind: Kind, number: number, municipality?: string): Generator<RevokedEntry> {
    const { firstSerial } = this.plan;
    const [from, to] = this.#offsetsOf(number);
    for (let offset = from; offset < to; offset++) {
      const { index, visit } = this.#holder(offset);
      if (!this.#isIssued(kind, index, visit)) continue;
      const revocation = this.#revocation(kind, index, visit);
      if (!revocation) continue;
      if (municipality !== undefined && this.#municipality(index, visit).code !== municipality) continue;
      yield { serial: firstSerial + offset, at: revocation.at, reason: revocation.reason };
    }
  }

  /** Numbers of the residents after `after` whose name or reading holds `text`, at most `limit`. */
  find(text: string, after: number, limit: number): number[] {
    const matches = matchNames(text);
    const found: number[] = [];
    if (!matches.male.includes(true) && !matches.female.includes(true)) return found;
    for (let index = after + 1; index < this.plan.residents && found.length < limit; index++) {
      const gender = this.#gender(index);
      if (matches[gender][this.#family(index, last + 1) * names[gender].length + this.#given(index)]) {
        found.push(index);
      }
    }
    return found;
  }

  #certificate(kind: Kind, index: number, visit: number): TownCertificate {
    const attributes = this.#residentAfter(index, visit);
    const issued = this.#issuedAt(index, visit);
    const notBefore = new Date(issued);
    const revocation = this.#revocation(kind, index, visit);
    const bounds = kind === "signature" ? [this.#authenticationEnd(index, visit, attributes.birthdate)] : [];
    return {
      kind,
      serial: this.plan.firstSerial + this.#offset(index, visit),
      generation: generationAt(notBefore).number,
      resident: index,
      attributes,
      municipality: this.#municipality(index, visit).code,
      notBefore,
      notAfter: certificateEnd(notBefore, attributes.birthdate, bounds),
      revocation: revocation && { at: new Date(revocation.at), reason: revocation.reason },
      held: this.#nextIssue(kind, index, visit) === undefined,
    };
  }

  #offset(index: number, visit: number): number {
    return visit * this.plan.residents + this.#permutations[visit]!.at(index);
  }

  #holder(offset: number): { index: number; visit: number } {
    const visit = Math.floor(offset / this.plan.residents);
    return { visit, index: this.#permutations[visit]!.indexOf(offset - visit * this.plan.residents) };
  }

  #issuedAt(index: number, visit: number): number {
    return this.#timeOf(this.#offset(index, visit));
  }

  /** Serial numbers are given evenly over the days, and over the working time of each day. */
  #timeOf(offset: number): number {
    const days = (offset / this.serials) * daysOfPast;
    const day = Math.floor(days);
    return this.#start + day * dayLength + opens + Math.floor((days - day) * open) * 1000;
  }

  #offsetsOf(number: number): [number, number] {
    return [this.#firstSince(generation(number).notBefore), this.#firstSince(generation(number + 1).notBefore)];
  }

  #firstSince(time: Date): number {
    let [low, high] = [0, this.serials];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#timeOf(middle) < time.getTime()) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #firstVisit(index: number): number {
    const share = chance(this.plan.seed, index, 1) % 100;
    return share < 20 ? 3 : share < 55 ? 2 : share < 85 ? 1 : 0;
  }

  /** Two visits in a row without a new authentication certificate would let it expire. */
  #cause(index: number, visit: number): Cause {
    const first = this.#firstVisit(index);
    if (visit === first) return "first-card";
    const share = chance(this.plan.seed, index, 10 + visit) % 100;
    const cause =
      share < 40 ? "move" : share < 45 ? "new-name" : share < 85 ? "renewal" : share < 96 ? "new-card" : "loss";
    const changesAttributes = cause === "move" || cause === "new-name";
    if (!changesAttributes) return cause;
    const before = visit - 1 > first ? this.#cause(index, visit - 1) : "first-card";
    return before === "move" || before === "new-name" ? "renewal" : cause;
  }

  #isIssued(kind: Kind, index: number, visit: number): boolean {
    if (visit < this.#firstVisit(index)) return false;
    if (kind === "signature") return this.#isOfSignatureAge(index, visit);
    const cause = this.#cause(index, visit);
    return cause !== "move" && cause !== "new-name";
  }

  #nextIssue(kind: Kind, index: number, visit: number): number | undefined {
    for (let next = visit + 1; next < visits; next++) if (this.#isIssued(kind, index, next)) return next;
    return undefined;
  }

  #authenticationEnd(index: number, visit: number, birthdate: Day): Date {
    let issue = visit;
    while (!this.#isIssued("authentication", index, issue)) issue--;
    return certificateEnd(new Date(this.#issuedAt(index, issue)), birthdate, []);
  }

  #revocation(kind: Kind, index: number, visit: number): { at: number; reason: Reason } | undefined {
    const issued = this.#issuedAt(index, visit);
    const next = this.#nextIssue(kind, index, visit);
    if (next !== undefined) {
      const until = this.#issuedAt(index, next);
      const early = until - (chance(this.plan.seed, index, 20 + next) % 30) * dayLength;
      switch (this.#cause(index, next)) {
        case "move":
        case "new-name":
          return { at: Math.max(issued, early), reason: "affiliationChanged" };
        case "loss":
          return { at: Math.max(issued, early), reason: "certificateHold" };
        case "new-card":
          return { at: until, reason: "cessationOfOperation" };
        default:
          return { at: until, reason: "superseded" };
      }
    }
    const founded = this.#start + daysOfPast * dayLength;
    const recently = Math.max(issued, founded - (1 + (chance(this.plan.seed, index, 30) % 60)) * dayLength + opens);
    switch (this.#present(index)) {
      case "lost":
        return { at: recently, reason: "certificateHold" };
      case "moved":
        return kind === "signature" ? { at: recently, reason: "affiliationChanged" } : undefined;
      default:
        return undefined;
    }
  }

  /** Some have just moved and not been for a new signature certificate yet, and some have just lost their card. */
  #present(index: number): "lost" | "moved" | "settled" {
    const share = chance(this.plan.seed, index, 31) % 1000;
    return share < 5 ? "lost" : share < 30 ? "moved" : "settled";
  }

  #isOfSignatureAge(index: number, visit: number): boolean {
    const daysAgo = daysOfPast - Math.floor((this.#issuedAt(index, visit) - this.#start) / dayLength);
    return this.#daysOfLife(index) - daysAgo >= signatureAge;
  }

  #birthdate(index: number): Day {
    return dayInJapan(new Date(this.#start + (daysOfPast - this.#daysOfLife(index)) * dayLength));
  }

  /** On the day of founding. Everybody is old enough to have had a card all that time. */
  #daysOfLife(index: number): number {
    return 6 * 365 + (chance(this.plan.seed, index, 2) % (89 * 365));
  }

  #gender(index: number): "male" | "female" {
    return chance(this.plan.seed, index, 3) % 2 === 0 ? "male" : "female";
  }

  #given(index: number): number {
    return chance(this.plan.seed, index, 4) % names[this.#gender(index)].length;
  }

  #family(index: number, visit: number): number {
    return chance(this.plan.seed, index, 40 + this.#latest("new-name", index, visit)) % names.family.length;
  }

  #municipality(index: number, visit: number) {
    const move = this.#latest("move", index, visit);
    return municipalities[chance(this.plan.seed, index, 50 + move) % municipalities.length]!;
  }

  /** The last visit so far that had this cause; before any, the first one of all. */
  #latest(cause: Cause, index: number, visit: number): number {
    const first = this.#firstVisit(index);
    if (visit > last && cause === "move" && this.#present(index) === "moved") return visit;
    for (let one = Math.min(visit, last); one > first; one--) if (this.#cause(index, one) === cause) return one;
    return first;
  }

  #residentAfter(index: number, visit: number): TownResident {
    const gender = this.#gender(index);
    const family = names.family[this.#family(index, visit)]!;
    const given = names[gender][this.#given(index)]!;
    const house = series(this.plan.seed, index, 60 + 2 * this.#latest("move", index, visit));
    return {
      name: `${family.text}\u3000${given.text}`,
      kana: `${family.kana}\u3000${given.kana}`,
      birthdate: this.#birthdate(index),
      gender,
      address: sampleAddress(this.#municipality(index, visit), house),
    };
  }
}

/** For each gender, whether the name of family f and given name g holds the text, at f × given names + g. */
function matchNames(text: string): Record<"male" | "female", boolean[]> {
  const match = (gender: "male" | "female") =>
    names.family.flatMap((family) =>
      names[gender].map((given) =>
        [`${family.text}\u3000${given.text}`, `${family.kana}\u3000${given.kana}`].some((name) => name.includes(text)),
      ),
    );
  return { male: match("male"), female: match("female") };
}
