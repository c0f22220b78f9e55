import { createCard, VirtualCard } from "@xid/card/virtual";
import { z } from "zod";
import { type KeyPair, makeKeyPairs } from "../ca/certificate.ts";
import { kinds } from "../ca/kind.ts";
import { ageOn, type Day, dayInJapan, dayLength, isDay, startOfDay } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import { transaction } from "../store/database.ts";
import {
  countResidents,
  findResident,
  isTaken,
  type NewResident,
  type Pins,
  type Resident,
  readCard,
  recordCard,
  recordLifeEvent,
  recordResident,
} from "../store/people.ts";
import type { World } from "../world.ts";
import { cardContents, issueCertificates, signatureAge } from "./card-issue.ts";
import { type CastMember, cast } from "./cast.ts";
import { fullWidth } from "./full-width.ts";
import { applyLifeEvent, keyPairsFor } from "./life-events.ts";
import { municipalities, parseAddress, sampleAddress } from "./municipalities.ts";
import { makeMyNumber } from "./my-number.ts";
import { type Past, type Persona, personas } from "./personas.ts";

/** What may be said of a new resident; the persona's cast fills the rest. */
export const RegistrationRequest = z.strictObject({
  persona: z.string().max(64),
  name: z.string().max(120).optional(),
  kana: z.string().max(120).optional(),
  birthdate: z.string().max(10).optional(),
  gender: z.enum(["male", "female", "unknown"]).optional(),
  address: z.string().max(400).optional(),
});
export type RegistrationRequest = z.infer<typeof RegistrationRequest>;

const maximumResidents = 5000;
const firstBirthdate = "1900-01-01";

/**
 * Registers a resident and lives through the persona's past, all at once: after it there is the resident with a card, or
 * nothing. Throws PERSONA_UNKNOWN, NAME_UNSUITABLE, BIRTHDATE_UNSUITABLE, ADDRESS_UNSUITABLE, FULL.
 */
export async function registerResident(world: World, request: RegistrationRequest): Promise<Resident> {
  const persona = personas.find(({ id }) => id === request.persona);
  if (!persona) throw new SandboxError("PERSONA_UNKNOWN", "there is no such persona");
  const first = persona.age === "child" ? 1 : 2;
  const keys = await makeKeyPairs(first + persona.past.reduce((sum, event) => sum + keyPairsFor(event.type), 0));
  return transaction(world.database, () => {
    const now = world.clock();
    const settled = settle(world, persona, request, now);
    issueFirstCard(world, settled.resident, keys, settled.issuedAt);
    for (const event of persona.past) live(world, settled, event, keys, now);
    return findResident(world.database, settled.resident.id);
  });
}

/** Who the new resident was when their card was issued, and the address that they have today. */
type Settled = { resident: NewResident; issuedAt: Date; address: string };

function settle(world: World, persona: Persona, request: RegistrationRequest, now: Date): Settled {
  const { database, random } = world;
  if (countResidents(database) >= maximumResidents)
    throw new SandboxError("FULL", "the simulation has residents enough");
  const today = dayInJapan(now);
  const member = choosePlayer(world, persona, today);
  const id = request.name === undefined && !isTaken(database, "id", member.id) ? member.id : makeId(world);
  const birthdate = request.birthdate ?? member.birthdate;
  if (!isDay(birthdate) || birthdate < firstBirthdate || birthdate > today) {
    throw new SandboxError("BIRTHDATE_UNSUITABLE", "not a birth date of someone living");
  }
  const issuedAt = issueTime(world, persona.issuedAt(now, birthdate), birthdate, now);
  const isChild = ageOn(dayInJapan(issuedAt), birthdate) < signatureAge;
  if (persona.age !== "any" && isChild !== (persona.age === "child")) {
    throw new SandboxError("BIRTHDATE_UNSUITABLE", "the persona needs another age");
  }
  const address =
    request.address === undefined ? inventAddress(member.municipality, random) : parseAddress(request.address, random);
  const move = persona.past.find((event) => event.type === "move");
  const resident: NewResident = {
    id,
    persona: persona.id,
    name: request.name === undefined ? member.name : parseName(request.name),
    kana: request.kana ?? (request.name === undefined ? member.kana : ""),
    birthdate,
    gender: request.gender ?? member.gender,
    address: move ? inventAddress(move.from, random) : address,
    pins: makePins(world, id),
    cardNumber: 1,
    createdAt: now,
    myNumber: makeUniqueMyNumber(world),
  };
  return { resident, issuedAt, address };
}

function inventAddress(municipality: string, random: World["random"]): string {
  return sampleAddress(municipalities.find(({ code }) => code === municipality)!, random);
}

/** Not before the authorities, not before a newborn's second week, not later than now. */
function issueTime(world: World, wanted: Date, birthdate: Day, now: Date): Date {
  const begun = kinds.map((kind) => world.authorities.issuing(kind, wanted).notBefore.getTime());
  const earliest = Math.max(...begun, startOfDay(birthdate).getTime() + 14 * dayLength);
  const time = Math.min(Math.max(wanted.getTime(), earliest), now.getTime());
  return new Date(Math.floor(time / 1000) * 1000);
}

function choosePlayer({ database, random }: World, persona: Persona, today: Day): CastMember {
  const { played } = persona;
  const birthdate = typeof played.birthdate === "function" ? played.birthdate(today) : played.birthdate;
  if (persona.keepsName || !isTaken(database, "id", played.id)) return { ...played, birthdate };
  const member = cast.find(({ id }) => !isTaken(database, "id", id)) ?? makeMember(random);
  return persona.age === "child" || typeof played.birthdate === "function" ? { ...member, birthdate } : member;
}

/** When all the cast is on: one's family name with another's given name. */
function makeMember(random: World["random"]): CastMember {
  const first = cast[random(cast.length)]!;
  const second = cast[random(cast.length)]!;
  const join = (field: "name" | "kana") => `${first[field].split("　")[0]}　${second[field].split("　")[1]}`;
  return { ...second, municipality: first.municipality, name: join("name"), kana: join("kana") };
}

function parseName(text: string): string {
  const name = fullWidth(text);
  if (name === "" || /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}]/u.test(name)) {
    throw new SandboxError("NAME_UNSUITABLE", "a name has printable characters only");
  }
  return name;
}

function makeId({ database, random }: World): string {
  const alphabet = "23456789abcdefghjkmnpqrstvwxyz";
  for (;;) {
    const id = `p-${Array.from({ length: 6 }, () => alphabet[random(alphabet.length)]).join("")}`;
    if (!isTaken(database, "id", id)) return id;
  }
}

export function makeUniqueMyNumber({ database, random }: Pick<World, "database" | "random">): string {
  for (;;) {
    const number = makeMyNumber(random);
    if (!isTaken(database, "my_number", number)) return number;
  }
}

function makePins({ random }: World, id: string): Pins {
  const digits = () => String(random(10_000)).padStart(4, "0");
  const word = /^[a-z]+$/.test(id) ? id.toUpperCase() : "XID";
  return { signature: `${word.slice(0, 12)}${digits()}`, authentication: digits(), text: digits() };
}

function issueFirstCard(world: World, resident: NewResident, keys: KeyPair[], at: Date): void {
  const withSignature = ageOn(dayInJapan(at), resident.birthdate) >= signatureAge;
  const certificates = issueCertificates(world, resident, withSignature ? kinds : ["authentication"], keys, at);
  recordResident(world.database, resident, createCard(cardContents(world, resident, certificates, at)));
  recordLifeEvent(world.database, resident.id, { at, type: "card-issued", detail: {} });
}

function live(world: World, { resident, address }: Settled, event: Past, keys: KeyPair[], now: Date): void {
  if (event.type === "wrong-passwords") {
    enterWrongPasswords(world, resident.id, event.times);
    return;
  }
  const at = new Date(Math.floor(now.getTime() / 1000) * 1000 - event.daysAgo * dayLength);
  const happened = event.type === "move" ? ({ type: "move", address } as const) : { type: event.type };
  applyLifeEvent(world, resident.id, happened, keys, at);
}

/** At the card itself, so that it counts as it does for everybody. */
function enterWrongPasswords({ database }: World, id: string, times: number): void {
  const card = new VirtualCard(readCard(database, id), { persist: (state) => recordCard(database, id, state) });
  card.powerOn();
  card.transmit(Buffer.from("00a4040c0ad392f000260100000001", "hex"));
  card.transmit(Buffer.from("00a4020c02001b", "hex"));
  for (let index = 0; index < times; index++) {
    card.transmit(Buffer.from(`0020008006${Buffer.from("WRONG0").toString("hex")}`, "hex"));
  }
  card.powerOff();
}
