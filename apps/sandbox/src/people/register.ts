import { VirtualCard } from "@xid/card/virtual";
import { z } from "zod";
import { kinds } from "../ca/kind.ts";
import { ageOn, type Day, dayInJapan, dayLength, startOfDay } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import {
  countResidents,
  findResident,
  isTaken,
  type NewResident,
  type Resident,
  readCard,
  recordCard,
  recordResident,
} from "../store/people.ts";
import type { World } from "../world.ts";
import { type CastMember, cast } from "./cast.ts";
import { type KeyStock, letHappenAndRecord, withKeys } from "./happen.ts";
import { municipalities, parseAddress, sampleAddress } from "./municipalities.ts";
import { makeId, makePins, makeUniqueMyNumber } from "./new-resident.ts";
import { parseBirthdate } from "./parse-birthdate.ts";
import { parseName } from "./parse-name.ts";
import { type Past, type Persona, personas } from "./personas.ts";
import { signatureAge } from "./signature-age.ts";

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

/**
 * Registers a resident and lives through the persona's past, all at once: after it there is the resident with a card, or
 * nothing. Throws PERSONA_UNKNOWN, NAME_UNSUITABLE, BIRTHDATE_UNSUITABLE, ADDRESS_UNSUITABLE, FULL.
 */
export async function registerResident(world: World, request: RegistrationRequest): Promise<Resident> {
  const persona = personas.find(({ id }) => id === request.persona);
  if (!persona) throw new SandboxError("PERSONA_UNKNOWN", "there is no such persona");
  return withKeys(world.database, (keys) => {
    const now = world.clock();
    const settled = settle(world, persona, request, now);
    recordResident(world.database, settled.resident, null);
    letHappenAndRecord(world, settled.resident.id, { type: "card-issue", at: settled.issuedAt, input: {} }, keys);
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
  const birthdate = parseBirthdate(request.birthdate ?? member.birthdate, today);
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
    cardNumber: 0,
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

function live(world: World, { resident, address }: Settled, event: Past, keys: KeyStock, now: Date): void {
  if (event.type === "wrong-passwords") {
    enterWrongPasswords(world, resident.id, event.times);
    return;
  }
  const at = new Date(Math.floor(now.getTime() / 1000) * 1000 - event.daysAgo * dayLength);
  const input: Record<string, string> = event.type === "move" ? { address } : {};
  letHappenAndRecord(world, resident.id, { type: event.type, at, input }, keys);
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
