import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { readExtensionList } from "./extensions.ts";
import { type GeneralName, readGeneralNames } from "./general-name.ts";
import { PkiError } from "./pki-error.ts";
import { type RevocationReason, reasonText } from "./revocation-reason.ts";
import { type RevokedSerials, RevokedSerialsBuilder } from "./revoked-serials.ts";

const entryExtensionIds = { reasonCode: "2.5.29.21", invalidityDate: "2.5.29.24", certificateIssuer: "2.5.29.29" };

/** crlEntryExtensions that hold a reasonCode and nothing else, up to the reason: nearly all there are. */
const reasonOnly = Buffer.from("300c300a0603551d1504030a01", "hex");

export type CrlEntry = {
  /** revocationDate, milliseconds since 1970. */
  readonly at: number;
  readonly reason: RevocationReason;
};

type EntryExtensions = { reason: number; certificateIssuer: readonly GeneralName[] | undefined };

/** The revokedCertificates of a CRL: what they say without the bytes that said it. */
export class CrlEntries {
  readonly #serials: RevokedSerials;
  /** Some entry is about a certificate of another issuer (RFC 5280 5.3.3). */
  readonly namesIssuers: boolean;

  constructor(serials: RevokedSerials, namesIssuers: boolean) {
    this.#serials = serials;
    this.namesIssuers = namesIssuers;
  }

  get count(): number {
    return this.#serials.count;
  }

  /** Octets of memory that the entries take. */
  get byteLength(): number {
    return this.#serials.byteLength;
  }

  /** The entry for a serial number, given as INTEGER content. Not for lists where `namesIssuers` is set. */
  find(serialNumber: Uint8Array): CrlEntry | undefined {
    const found = this.#serials.find(serialNumber);
    return found && { at: found.at, reason: reasonText(found.reason)! };
  }
}

/** Reads entries one after another, in as many pieces as there are. */
export class CrlEntryReader {
  readonly #listOctets: number;
  #builder: RevokedSerialsBuilder | undefined;
  #namesIssuers = false;

  /** `listOctets`: of all entries together. */
  constructor(listOctets: number) {
    this.#listOctets = listOctets;
  }

  /**
   * Reads and checks the entry that the reader, which may reach beyond it, stands at, up to `end`.
   * Throws `MALFORMED`, or `UNKNOWN_CRITICAL_EXTENSION`, which spoils the whole list.
   */
  read(reader: DerReader): void {
    const { bytes, end: listEnd, position: start } = reader;
    const end = reader.open(tags.sequence);
    reader.end = end;
    const serialEnd = reader.openInteger();
    const serialStart = reader.position;
    reader.position = serialEnd;
    const at = reader.time();
    let reason = 0;
    if (!reader.done) {
      const usual = end - reader.position === reasonOnly.length + 1 && reader.startsWith(reasonOnly);
      if (usual && reasonText(bytes[end - 1]!) !== undefined) reason = bytes[end - 1]!;
      else {
        const extensions = readEntryExtensions(reader);
        reader.finish();
        reason = extensions.reason;
        if (extensions.certificateIssuer !== undefined) this.#namesIssuers = true;
      }
    }
    reader.position = end;
    reader.end = listEnd;
    // Nearly all entries of a list are as long as its first.
    this.#builder ??= new RevokedSerialsBuilder(Math.ceil(this.#listOctets / (end - start)));
    this.#builder.add(bytes, serialStart, serialEnd, at, reason);
  }

  finish(): CrlEntries {
    return new CrlEntries((this.#builder ?? new RevokedSerialsBuilder(0)).finish(), this.#namesIssuers);
  }
}

/**
 * The entry for a serial number in the list of an indirect CRL that has been read: an entry is about the issuer that it
 * or the nearest entry before it names, at first the issuer of the CRL. Goes through the whole list.
 */
export function findOfIssuer(
  list: Buffer,
  serialNumber: Buffer,
  isIssuer: (named: readonly GeneralName[] | undefined) => boolean,
): CrlEntry | undefined {
  const reader = new DerReader(list);
  let matches = isIssuer(undefined);
  while (!reader.done) {
    const entry = reader.enter(tags.sequence);
    const serial = entry.content(tags.integer);
    const at = entry.time();
    const extensions = entry.done ? undefined : readEntryExtensions(entry);
    if (extensions?.certificateIssuer !== undefined) matches = isIssuer(extensions.certificateIssuer);
    if (matches && serial.equals(serialNumber)) return { at, reason: reasonText(extensions?.reason ?? 0)! };
  }
  return undefined;
}

function readEntryExtensions(entry: DerReader): EntryExtensions {
  const extensions: EntryExtensions = { reason: 0, certificateIssuer: undefined };
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

function readReason(value: DerReader): number {
  const reason = value.smallInteger(tags.enumerated);
  if (reasonText(reason) === undefined) throw new PkiError("MALFORMED", "reason code");
  return reason;
}
