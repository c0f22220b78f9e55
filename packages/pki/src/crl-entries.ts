import { randomInt } from "node:crypto";
import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { readExtensionList } from "./extensions.ts";
import { type GeneralName, readGeneralNames } from "./general-name.ts";
import { PkiError } from "./pki-error.ts";
import { type RevocationReason, reasonText } from "./revocation-reason.ts";

const entryExtensionIds = { reasonCode: "2.5.29.21", invalidityDate: "2.5.29.24", certificateIssuer: "2.5.29.29" };

/** crlEntryExtensions that hold a reasonCode and nothing else, up to the reason: nearly all there are. */
const reasonOnly = Buffer.from("300c300a0603551d1504030a01", "hex");

export type CrlEntry = {
  /** revocationDate, milliseconds since 1970. */
  readonly at: number;
  readonly reason: RevocationReason;
};

type EntryExtensions = { reason: RevocationReason; certificateIssuer: readonly GeneralName[] | undefined };

/**
 * The revokedCertificates of one CRL, kept as the bytes they are: nothing is built per entry. Looking up costs the same
 * for ten and for millions; the index (8 to 16 octets an entry) is made at the first look-up.
 */
export class CrlEntries {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  readonly count: number;
  /** Some entry is about a certificate of another issuer (RFC 5280 5.3.3). */
  readonly namesIssuers: boolean;
  #index: Uint32Array | undefined;
  readonly #seed = randomInt(2 ** 32);

  /** Reads and checks every entry. Throws `MALFORMED`, or `UNKNOWN_CRITICAL_EXTENSION`, which spoils the whole list. */
  constructor(list: DerReader | undefined) {
    this.#bytes = list?.bytes ?? Buffer.alloc(0);
    this.#start = list?.position ?? 0;
    this.#end = list?.end ?? 0;
    let count = 0;
    let namesIssuers = false;
    const reader = new DerReader(this.#bytes, this.#start, this.#end);
    while (!reader.done) {
      const end = reader.open(tags.sequence);
      reader.end = end;
      reader.position = reader.openInteger();
      reader.time();
      if (!reader.done && !isReasonOnly(this.#bytes, reader.position, end)) {
        if (readEntryExtensions(reader).certificateIssuer !== undefined) namesIssuers = true;
        reader.finish();
      }
      reader.position = end;
      reader.end = this.#end;
      count++;
    }
    this.count = count;
    this.namesIssuers = namesIssuers;
  }

  /** The entry for a serial number, given as INTEGER content. Not for lists where `namesIssuers` is set. */
  find(serialNumber: Buffer): CrlEntry | undefined {
    this.#index ??= this.#buildIndex();
    const mask = this.#index.length - 1;
    let slot = this.#hash(serialNumber, 0, serialNumber.length) & mask;
    for (;;) {
      const offset = this.#index[slot]!;
      if (offset === 0) return undefined;
      const reader = new DerReader(this.#bytes, this.#start + offset - 1, this.#end);
      const entry = reader.enter(tags.sequence);
      if (entry.content(tags.integer).equals(serialNumber)) return readEntry(entry);
      slot = (slot + 1) & mask;
    }
  }

  /**
   * The same for an indirect CRL: an entry is about the issuer that it or the nearest entry before it names, at first
   * the issuer of the CRL. Goes through the whole list.
   */
  findOfIssuer(
    serialNumber: Buffer,
    isIssuer: (named: readonly GeneralName[] | undefined) => boolean,
  ): CrlEntry | undefined {
    const reader = new DerReader(this.#bytes, this.#start, this.#end);
    let matches = isIssuer(undefined);
    while (!reader.done) {
      const entry = reader.enter(tags.sequence);
      const serial = entry.content(tags.integer);
      const at = entry.time();
      const extensions = entry.done ? undefined : readEntryExtensions(entry);
      if (extensions?.certificateIssuer !== undefined) matches = isIssuer(extensions.certificateIssuer);
      if (matches && serial.equals(serialNumber)) return { at, reason: extensions?.reason ?? "unspecified" };
    }
    return undefined;
  }

  /** Open addressing over the offsets of the entries, counted from 1; 0 is a free slot. */
  #buildIndex(): Uint32Array {
    const index = new Uint32Array(2 ** Math.ceil(Math.log2(this.count * 2 + 2)));
    const mask = index.length - 1;
    const reader = new DerReader(this.#bytes, this.#start, this.#end);
    while (!reader.done) {
      const offset = reader.position - this.#start + 1;
      const end = reader.open(tags.sequence);
      const serialEnd = reader.open(tags.integer);
      let slot = this.#hash(this.#bytes, reader.position, serialEnd) & mask;
      while (index[slot] !== 0) slot = (slot + 1) & mask;
      index[slot] = offset;
      reader.position = end;
    }
    return index;
  }

  /** FNV-1a from a random start, so that nobody can prepare serial numbers that fall together. */
  #hash(bytes: Buffer, start: number, end: number): number {
    let hash = this.#seed;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    return hash ^ (hash >>> 15);
  }
}

function isReasonOnly(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== reasonOnly.length + 1) return false;
  for (let at = 0; at < reasonOnly.length; at++) if (bytes[start + at] !== reasonOnly[at]) return false;
  return reasonText(bytes[end - 1]!) !== undefined;
}

/** What follows the serial number. */
function readEntry(entry: DerReader): CrlEntry {
  const at = entry.time();
  return { at, reason: entry.done ? "unspecified" : readEntryExtensions(entry).reason };
}

function readEntryExtensions(entry: DerReader): EntryExtensions {
  const extensions: EntryExtensions = { reason: "unspecified", certificateIssuer: undefined };
  readExtensionList(entry, (id, critical, value) => {
    if (id === entryExtensionIds.reasonCode) extensions.reason = readReason(value);
    else if (id === entryExtensionIds.invalidityDate) value.generalizedTime();
    else if (id === entryExtensionIds.certificateIssuer) extensions.certificateIssuer = readGeneralNames(value);
    else if (critical) throw new PkiError("UNKNOWN_CRITICAL_EXTENSION", `critical CRL entry extension ${id}`);
    else return;
    value.finish();
  });
  return extensions;
}

function readReason(value: DerReader): RevocationReason {
  const reason = reasonText(value.smallInteger(tags.enumerated));
  if (reason === undefined) throw new PkiError("MALFORMED", "reason code");
  return reason;
}
