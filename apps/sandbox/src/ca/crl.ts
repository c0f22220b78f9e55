import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dayInJapan, dayLength, startOfDay } from "../calendar.ts";
import type { Municipality } from "../people/municipalities.ts";
import { countRevoked, nextCrlNumber, revokedCertificates } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import { findTown } from "../store/town.ts";
import type { Town } from "../town/town.ts";
import type { Authority } from "./authority.ts";
import { writeCrl } from "./crl-file.ts";
import { distributionPointName } from "./names.ts";

/** So that a list fetched just before the next one is not over when it is looked at. */
const overlap = 60 * 60 * 1000;

type Current = { path: string; revoked: number; town: Town | undefined; until: number };

/**
 * The CRLs of each generation: version 2, with reasons, numbered upwards also over restarts. The complete one, and one for
 * each municipality. New ones come at midnight in Japan, and, unlike the JPKI's, as soon as a certificate was revoked.
 */
export class RevocationLists {
  readonly #database: Database;
  readonly #directory: string;
  readonly #current = new Map<string, Current>();
  readonly #making = new Map<string, Promise<Current>>();

  /** Keeps lists in a folder `crl` of `dataDirectory`, which is emptied first. */
  constructor(database: Database, dataDirectory: string) {
    this.#database = database;
    this.#directory = join(dataDirectory, "crl");
    rmSync(this.#directory, { recursive: true, force: true });
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
  }

  /**
   * Path of the DER file: complete, or of what the certificates of one municipality name as their distribution point. Holds
   * every revocation that was acknowledged before the call.
   */
  async read(authority: Authority, now: Date, municipality?: Municipality): Promise<string> {
    const file = `${authority.kind}-${authority.generation}${municipality ? `-${municipality.code}` : ""}.crl`;
    for (;;) {
      const current = this.#current.get(file);
      if (current && this.#isCurrent(current, authority, now)) return current.path;
      const running = this.#making.get(file);
      // What is being made already may not hold what was revoked since it was begun.
      if (!running) return (await this.#makeAlone(file, authority, now, municipality)).path;
      await running.catch(() => {});
    }
  }

  #isCurrent({ revoked, town, until }: Current, { kind, generation }: Authority, now: Date): boolean {
    return (
      revoked === countRevoked(this.#database, kind, generation) &&
      town === findTown(this.#database) &&
      now.getTime() < until
    );
  }

  async #makeAlone(file: string, authority: Authority, now: Date, municipality?: Municipality): Promise<Current> {
    const making = this.#make(file, authority, now, municipality);
    this.#making.set(file, making);
    try {
      const made = await making;
      this.#current.set(file, made);
      return made;
    } finally {
      this.#making.delete(file);
    }
  }

  async #make(file: string, authority: Authority, now: Date, municipality?: Municipality): Promise<Current> {
    const { kind, generation } = authority;
    const path = join(this.#directory, file);
    const revoked = countRevoked(this.#database, kind, generation);
    const town = findTown(this.#database);
    const number = nextCrlNumber(this.#database, kind, generation);
    const entries = revokedCertificates(this.#database, kind, generation, municipality?.code);
    const until = startOfDay(dayInJapan(now)).getTime() + dayLength;
    await writeCrl(path, authority, {
      number,
      thisUpdate: new Date(Math.floor(now.getTime() / 1000) * 1000),
      nextUpdate: new Date(until + overlap),
      distributionPoint: municipality && distributionPointName(kind, municipality),
      entries: () => entries,
    });
    return { path, revoked, town, until };
  }
}
