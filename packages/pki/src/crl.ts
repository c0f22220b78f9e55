import { isSameAlgorithm, readSignatureAlgorithm, type SignatureAlgorithm } from "./algorithm.ts";
import { type CrlEntries, CrlEntryReader } from "./crl-entries.ts";
import { DerReader } from "./der/reader.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { type DistributionPointName, readDistributionPointName } from "./distribution-point.ts";
import { extensionIds, readExtensionList } from "./extensions.ts";
import { type Name, readName } from "./name.ts";
import { PkiError } from "./pki-error.ts";

const crlExtensionIds = {
  crlNumber: "2.5.29.20",
  deltaCrlIndicator: "2.5.29.27",
  issuingDistributionPoint: "2.5.29.28",
};

/** What a CRL covers (RFC 5280 5.2.5). */
export type IssuingDistributionPoint = {
  readonly der: Buffer;
  readonly name: DistributionPointName | undefined;
  readonly onlyUserCertificates: boolean;
  readonly onlyCaCertificates: boolean;
  readonly onlyAttributeCertificates: boolean;
  /** Named bits of ReasonFlags; absent means all reasons. */
  readonly onlyReasons: number | undefined;
  readonly indirect: boolean;
};

/** What the signed part of a version 2 CRL says. Nothing in it is verified. */
export type CrlContents = {
  readonly issuer: Name;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entries: CrlEntries;
  readonly number: bigint;
  /** The complete CRL that this one adds to; absent in a complete CRL. */
  readonly deltaBase: bigint | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  readonly authorityKeyIdentifier: Buffer | undefined;
  /** The entries as they stand there, one after another: who each of an indirect CRL is about depends on those before it. */
  readonly list?: Buffer;
};

/** A version 2 CRL as it was received. Nothing in it is verified. */
export type Crl = CrlContents & {
  readonly der: Buffer;
  readonly tbs: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Buffer;
};

export type CrlBeginning = Pick<CrlContents, "issuer" | "thisUpdate" | "nextUpdate"> & {
  readonly signatureAlgorithm: SignatureAlgorithm;
};

type CrlExtensions = {
  number: bigint;
  deltaBase?: bigint;
  issuingDistributionPoint?: IssuingDistributionPoint;
  authorityKeyIdentifier?: Buffer;
};

/**
 * Parses a DER CRL (RFC 5280 5.1) and goes once through all of its entries. The bytes are not copied and must not be
 * changed while the result is in use. Verifies nothing.
 * Throws `MALFORMED`, `UNSUPPORTED` (version 1), `PROFILE` or `UNKNOWN_CRITICAL_EXTENSION`.
 */
export function parseCrl(der: Uint8Array): Crl {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const outer = new DerReader(bytes);
  const crl = outer.enter(tags.sequence);
  outer.finish();
  const tbsStart = crl.position;
  const tbs = crl.enter(tags.sequence);
  const tbsBytes = bytes.subarray(tbsStart, crl.position);
  const signatureAlgorithm = readSignatureAlgorithm(crl);
  const signature = crl.octetsOfBitString();
  crl.finish();

  const beginning = readCrlBeginning(tbs);
  checkSameAlgorithm(beginning.signatureAlgorithm, signatureAlgorithm);
  const revoked = tbs.tag === tags.sequence ? tbs.enter(tags.sequence) : undefined;
  const list = bytes.subarray(revoked?.position ?? 0, revoked?.end ?? 0);
  const reader = new CrlEntryReader(list.length);
  if (revoked !== undefined) {
    do reader.read(revoked);
    while (!revoked.done);
  }
  const entries = reader.finish();
  const extensions = readCrlExtensions(tbs);
  tbs.finish();
  return {
    der: bytes,
    tbs: tbsBytes,
    signature,
    list,
    ...crlContents(beginning, entries, extensions),
    signatureAlgorithm,
  };
}

/** What comes before the entries. */
export function readCrlBeginning(tbs: DerReader): CrlBeginning {
  const version = tbs.tag === tags.integer ? tbs.smallInteger() + 1 : 1;
  if (version === 1) throw new PkiError("UNSUPPORTED", "CRL version 1");
  if (version !== 2) throw new PkiError("MALFORMED", "CRL version");
  const signatureAlgorithm = readSignatureAlgorithm(tbs);
  const issuer = readName(tbs);
  const thisUpdate = tbs.time();
  const nextUpdate = tbs.time();
  return { signatureAlgorithm, issuer, thisUpdate, nextUpdate };
}

export function checkSameAlgorithm(inside: SignatureAlgorithm, outside: SignatureAlgorithm): void {
  if (!isSameAlgorithm(inside, outside)) {
    throw new PkiError("MALFORMED", "signature algorithm differs inside and outside");
  }
}

/** Puts together what was read before, in and after the list of entries. */
export function crlContents(
  { issuer, thisUpdate, nextUpdate }: CrlBeginning,
  entries: CrlEntries,
  { number, deltaBase, issuingDistributionPoint, authorityKeyIdentifier }: CrlExtensions,
): CrlContents {
  if (entries.namesIssuers && issuingDistributionPoint?.indirect !== true) {
    throw new PkiError("MALFORMED", "entries of other issuers in a CRL that is not indirect");
  }
  return {
    issuer,
    thisUpdate,
    nextUpdate,
    entries,
    number,
    deltaBase,
    issuingDistributionPoint,
    authorityKeyIdentifier,
  };
}

/** What comes behind the entries. */
export function readCrlExtensions(tbs: DerReader): CrlExtensions {
  const extensions: Partial<CrlExtensions> = {};
  const explicit = tbs.enter(contextConstructed(0));
  readExtensionList(explicit, (id, critical, value) => {
    switch (id) {
      case crlExtensionIds.crlNumber:
        // RFC 5280 5.2.3
        if (critical) throw new PkiError("PROFILE", "the CRL number must not be critical");
        extensions.number = readNumber(value);
        break;
      case crlExtensionIds.deltaCrlIndicator:
        if (!critical) throw new PkiError("PROFILE", "the delta CRL indicator must be critical");
        extensions.deltaBase = readNumber(value);
        break;
      case crlExtensionIds.issuingDistributionPoint:
        if (!critical) throw new PkiError("PROFILE", "the issuing distribution point must be critical");
        extensions.issuingDistributionPoint = readIssuingDistributionPoint(value);
        break;
      case extensionIds.authorityKeyIdentifier: {
        if (critical) throw new PkiError("PROFILE", "the authority key identifier must not be critical");
        const sequence = value.enter(tags.sequence);
        if (sequence.tag === context(0)) extensions.authorityKeyIdentifier = sequence.content(context(0));
        break;
      }
      default:
        if (critical) throw new PkiError("UNKNOWN_CRITICAL_EXTENSION", `critical CRL extension ${id}`);
        return;
    }
    value.finish();
  });
  explicit.finish();
  const { number } = extensions;
  if (number === undefined) throw new PkiError("PROFILE", "CRL without number");
  return { ...extensions, number };
}

/** CRLNumber: not negative, at most 20 octets. */
function readNumber(value: DerReader): bigint {
  const content = value.integer();
  if (content[0]! >= 0x80 || content.length > 20) throw new PkiError("PROFILE", "CRL number");
  return BigInt(`0x${content.toString("hex")}`);
}

function readIssuingDistributionPoint(value: DerReader): IssuingDistributionPoint {
  const der = value.bytes.subarray(value.position, value.end);
  const sequence = value.enter(tags.sequence);
  const name = sequence.tag === contextConstructed(0) ? readDistributionPointName(sequence) : undefined;
  const onlyUserCertificates = sequence.flag(context(1));
  const onlyCaCertificates = sequence.flag(context(2));
  const onlyReasons = sequence.tag === context(3) ? sequence.namedBits(context(3)) : undefined;
  const indirect = sequence.flag(context(4));
  const onlyAttributeCertificates = sequence.flag(context(5));
  sequence.finish();
  return { der, name, onlyUserCertificates, onlyCaCertificates, onlyAttributeCertificates, onlyReasons, indirect };
}
