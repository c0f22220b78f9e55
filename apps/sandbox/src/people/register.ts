import { VirtualCard } from "@xid/card/virtual";
import { z } from "zod";
import { kinds } from "../ca/kind.ts";
import { ageOn, birthdayIn, type Day, dayInJapan, dayLength, startOfDay } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import {
  countResidents,
  findResident,
  isTaken,
  type NewResident,
  type Pins,
  type Resident,
  readCard,
  recordCard,
  recordResident,
} from "../store/people.ts";
import type { World } from "../world.ts";
import { type CastMember, cast } from "./cast.ts";
import { type DatedEvent, datedEvent } from "./dated-event.ts";
import { type KeyStock, letHappenAndRecord, withKeys } from "./happen.ts";
import { municipalities, parseAddress, sampleAddress } from "./municipalities.ts";
import { makeId, makePins, makeUniqueMyNumber } from "./new-resident.ts";
import { parseBirthdate } from "./parse-birthdate.ts";
import { parseName } from "./parse-name.ts";
import { type PastEvent, type Persona, type PlannedEvent, personas } from "./personas.ts";
import { signatureAge } from "./signature-age.ts";

const longestPast = 50;

const pin = /^\d{4}$/;

/** What may be said of a new resident; the persona and its cast fill the rest. */
export const RegistrationRequest: z.ZodType<RegistrationRequest> = z.strictObject({
  persona: z.string().max(64),
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .optional(),
  name: z.string().max(120).optional(),
  kana: z.string().max(120).optional(),
  birthdate: z.string().max(10).optional(),
  gender: z.enum(["male", "female", "unknown"]).optional(),
  address: z.string().max(400).optional(),
  pins: z
    .strictObject({
      signature: z.string().regex(/^(?=.*[A-Z])(?=.*\d)[A-Z0-9]{6,16}$/),
      authentication: z.string().regex(pin),
      text: z.string().regex(pin),
    })
    .optional(),
  /** Days since the card was issued, where the persona's are not meant. */
  issuedDaysAgo: z.int().min(0).max(3650).optional(),
  /** After the persona's own. */
  past: z.array(datedEvent("daysAgo")).max(longestPast).optional(),
  planned: z.array(datedEvent("inDays")).max(longestPast).optional(),
});
export type RegistrationRequest = {
  persona: string;
  id?: string | undefined;
  name?: string | undefined;
  kana?: string | undefined;
  birthdate?: string | undefined;
  gender?: Resident["gender"] | undefined;
  address?: string | undefined;
  pins?: Pins | undefined;
  issuedDaysAgo?: number | undefined;
  past?: PastEvent[] | undefined;
  planned?: PlannedEvent[] | undefined;
};

const maximumResidents = 5000;

/**
 * Registers a resident and lives through the persona's past, all at once: after it there is the resident with a card, or
 * nothing. Throws PERSONA_UNKNOWN, ID_TAKEN, NAME_UNSUITABLE, BIRTHDATE_UNSUITABLE, ADDRESS_UNSUITABLE, DATE_UNSUITABLE,
 * FULL, and what the events of the past throw.
 */
export async function registerResident(world: World, request: RegistrationRequest): Promise<Resident> {
  const resident = await withKeys(world.database, (keys) => registerOne(world, request, keys));
  world.schedule.arm();
  return resident;
}

/** One of them, inside the caller's transaction. */
export function registerOne(world: World, request: RegistrationRequest, keys: KeyStock): Resident {
  const { database } = world;
  const persona = personas.find(({ id }) => id === request.persona);
  if (!persona) throw new SandboxError("PERSONA_UNKNOWN", "there is no such persona");
  const now = new Date(Math.floor(world.clock().getTime() / 1000) * 1000);
  const settled = settle(world, persona, request, now);
  const { id } = settled.resident;
  recordResident(database, settled.resident, null);
  if (settled.issuedAt) {
    const input: Record<string, string> = persona.cardModel ? { model: persona.cardModel } : {};
    letHappenAndRecord(world, id, { type: "card-issue", at: settled.issuedAt, input }, keys);
  }
  for (const event of [...persona.past, ...(request.past ?? [])]) live(world, settled, event, keys, now);
  for (const { inDays, type, ...said } of [...(persona.planned ?? []), ...(request.planned ?? [])]) {
    world.schedule.plan(id, { type, at: daysFrom(now, inDays), input: textsOf(said) });
  }
  return findResident(database, id);
}

/** Who the new resident was when their card was issued, and the address that they have today. */
type Settled = { resident: NewResident; issuedAt: Date | undefined; address: string };

function settle(world: World, persona: Persona, request: RegistrationRequest, now: Date): Settled {
  const { database, random } = world;
  if (countResidents(database) >= maximumResidents)
    throw new SandboxError("FULL", "the simulation has residents enough");
  const today = dayInJapan(now);
  const member = choosePlayer(world, persona, today);
  const birthdate = parseBirthdate(request.birthdate ?? member.birthdate, today);
  const issuedAt = issueTime(world, persona, request, birthdate, now);
  const isChild = ageOn(dayInJapan(issuedAt ?? now), birthdate) < signatureAge;
  if (persona.age !== "any" && isChild !== (persona.age === "child")) {
    throw new SandboxError("BIRTHDATE_UNSUITABLE", "the persona needs another age");
  }
  const id = chooseId(world, request, member);
  const address =
    request.address === undefined
      ? (persona.address ?? inventAddress(member.municipality, random))
      : parseAddress(request.address, random);
  const resident: NewResident = {
    id,
    persona: persona.id,
    name: request.name === undefined ? member.name : parseName(request.name),
    kana: request.kana ?? (request.name === undefined ? member.kana : ""),
    birthdate,
    gender: request.gender ?? member.gender,
    address: persona.livedIn === undefined ? address : inventAddress(persona.livedIn, random),
    pins: request.pins ?? makePins(world, id),
    cardNumber: 0,
    createdAt: now,
    myNumber: makeUniqueMyNumber(world),
  };
  return { resident, issuedAt, address };
}

function chooseId(world: World, request: RegistrationRequest, member: CastMember): string {
  const { database } = world;
  if (request.id === undefined) {
    return request.name === undefined && !isTaken(database, "id", member.id) ? member.id : makeId(world);
  }
  // The residents of a town, and those who get an id by chance, have ids of these forms.
  if (isTaken(database, "id", request.id) || /^[pt]-/.test(request.id)) {
    throw new SandboxError("ID_TAKEN", "another resident has this id");
  }
  return request.id;
}

function inventAddress(municipality: string, random: World["random"]): string {
  return sampleAddress(municipalities.find(({ code }) => code === municipality)!, random);
}

/** Not before the authorities, not before a newborn's second week, not later than now. */
function issueTime(
  world: World,
  persona: Persona,
  { issuedDaysAgo }: RegistrationRequest,
  birthdate: Day,
  now: Date,
): Date | undefined {
  if (persona.issuedAt === null) return undefined;
  const wanted = issuedDaysAgo === undefined ? persona.issuedAt(now, birthdate) : daysFrom(now, -issuedDaysAgo);
  const begun = kinds.map((kind) => world.authorities.issuing(kind, wanted).notBefore.getTime());
  const born = startOfDay(birthdayIn(Number(birthdate.slice(0, 4)), birthdate)).getTime();
  const earliest = Math.max(...begun, born + 14 * dayLength);
  const time = Math.min(Math.max(wanted.getTime(), earliest), now.getTime());
  return new Date(Math.floor(time / 1000) * 1000);
}

function choosePlayer({ database, random }: World, persona: Persona, today: Day): CastMember {
  const { played } = persona;
  const birthdate = typeof played.birthdate === "function" ? played.birthdate(today) : played.birthdate;
  if (persona.keepsName || !isTaken(database, "id", played.id)) return { ...played, birthdate };
  const member = cast.find(({ id }) => !isTaken(database, "id", id)) ?? makeMember(random);
  const keeps = persona.keepsBirthdate || persona.age === "child" || typeof played.birthdate === "function";
  return keeps ? { ...member, birthdate } : member;
}

/** When all the cast is on: one's family name with another's given name. */
function makeMember(random: World["random"]): CastMember {
  const first = cast[random(cast.length)]!;
  const second = cast[random(cast.length)]!;
  const join = (field: "name" | "kana") => `${first[field].split("　")[0]}　${second[field].split("　")[1]}`;
  return { ...second, municipality: first.municipality, name: join("name"), kana: join("kana") };
}

function live(world: World, settled: Settled, event: PastEvent, keys: KeyStock, now: Date): void {
  const { resident, issuedAt, address } = settled;
  if (event.type === "wrong-passwords") {
    enterWrongPasswords(world, resident.id, (event as { times: number }).times);
    return;
  }
  const { daysAgo, type, ...said } = event as DatedEvent<"daysAgo">;
  const at = daysFrom(now, -daysAgo);
  if (at < (issuedAt ?? at)) throw new SandboxError("DATE_UNSUITABLE", "an event before the card was issued");
  const input = textsOf(said);
  const arrives = type === "move" && input.address === undefined && address !== resident.address;
  letHappenAndRecord(world, resident.id, { type, at, input: arrives ? { ...input, address } : input }, keys);
}

function daysFrom(now: Date, days: number): Date {
  return new Date(now.getTime() + days * dayLength);
}

function textsOf(said: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(said).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
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
