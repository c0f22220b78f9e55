import { randomInt } from "node:crypto";
import { type Authorities, openAuthorities } from "./ca/authority.ts";
import { RevocationLists } from "./ca/crl.ts";
import { OcspResponder } from "./ca/ocsp.ts";
import { SandboxClock } from "./clock/sandbox-clock.ts";
import { Faults } from "./faults/faults.ts";
import { type Log, logToOutput } from "./log.ts";
import { Schedule } from "./people/schedule.ts";
import { CardReader } from "./reader/card-reader.ts";
import { openCardIssuer } from "./store/card-issuer.ts";
import { type Database, openDatabase } from "./store/database.ts";

/** The simulated Japan: its register, its authorities, and the reader in which the residents' cards lie. */
export type World = {
  database: Database;
  authorities: Authorities;
  revocationLists: RevocationLists;
  ocspResponder: OcspResponder;
  reader: CardReader;
  /** What goes wrong on demand. */
  faults: Faults;
  /** Base URL that certificates and tokens name. */
  sandboxUrl: string;
  /** The one web origin besides our own that may use cards and residents. */
  appOrigin: string;
  /** The time in the simulated Japan: of certificates, of the register, of everything that has a date there. */
  clock: () => Date;
  /** The machine's time: for what must be fresh, as tokens and sessions. */
  realClock: () => Date;
  sandboxClock: SandboxClock;
  /** Makes events happen, and moves `clock` forward. */
  schedule: Schedule;
  /** An integer below its argument. */
  random: (below: number) => number;
  log: Log;
};

export type WorldOptions = {
  dataDirectory: string;
  sandboxUrl: string;
  appOrigin: string;
  realClock?: () => Date;
  random?: (below: number) => number;
  log?: Log;
};

/** Opens the world of a folder, or makes a new one with new authorities. Cards are out of the reader. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const { dataDirectory, sandboxUrl, appOrigin, log = logToOutput } = options;
  const { realClock = () => new Date(), random = (below) => randomInt(below) } = options;
  const database = openDatabase(dataDirectory);
  const sandboxClock = new SandboxClock(database, realClock);
  const clock = () => sandboxClock.now();
  const authorities = await openAuthorities(database, clock());
  const faults = new Faults(database, realClock);
  const world = {
    database,
    authorities,
    revocationLists: new RevocationLists(database, dataDirectory),
    ocspResponder: new OcspResponder(database, authorities),
    reader: new CardReader(database, realClock, faults, openCardIssuer(database)),
    faults,
    sandboxUrl,
    appOrigin,
    clock,
    realClock,
    sandboxClock,
    random,
    log,
  } as World;
  world.schedule = new Schedule(world);
  return world;
}

/** Everything acknowledged is on the disk already; this only lets go of it. */
export function closeWorld(world: World): void {
  world.schedule.close();
  world.database.close();
}
