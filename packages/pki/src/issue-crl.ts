import type { Certificate } from "./certificate.ts";
import { context, tags } from "./der/tags.ts";
import {
  bitString,
  element,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  time,
  unsignedInteger,
} from "./der/writer.ts";
import { extensionIds } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";
import { type RevocationReason, reasonCode } from "./revocation-reason.ts";
import { ecdsaWithSha256, type Signer } from "./signer.ts";
import { verifyCrl } from "./verified-crl.ts";

/** A certificate that must not be trusted any more. `serialNumber` is INTEGER content, as in `Certificate`. */
export type Revocation = { readonly serialNumber: Uint8Array; readonly at: Date; readonly reason: RevocationReason };

/** What a revocation list of our own CA shall say. */
export type CrlProfile = {
  /** The CA whose certificates are listed; its key signs. */
  issuer: Certificate;
  /** Higher than that of any list before (RFC 5280 5.2.3). */
  number: bigint;
  thisUpdate: Date;
  nextUpdate: Date;
  revoked: readonly Revocation[];
};

/**
 * Issues a complete v2 CRL (RFC 5280 section 5), and reads it as a relying party would before it is given out. Throws
 * `PkiError` when the issuer may not sign lists or the signer does not hold its key. Remembers no numbers.
 */
export async function issueCrl(profile: CrlProfile, signer: Signer): Promise<Uint8Array> {
  const { issuer, number, thisUpdate, nextUpdate, revoked } = profile;
  if (!signer.publicKey.equals(issuer.publicKey))
    throw new PkiError("PROFILE", "the signer does not hold the issuer's key");
  const keyIdentifier = issuer.extensions.subjectKeyIdentifier;
  if (keyIdentifier === undefined) throw new PkiError("PROFILE", "the issuer has no subject key identifier");
  const reasonExtensions = new Map<RevocationReason, Buffer>();
  const extensionsOf = (reason: RevocationReason): Buffer => {
    const known = reasonExtensions.get(reason);
    if (known) return known;
    const code = element(tags.enumerated, Buffer.of(reasonCode(reason)));
    const made = sequence(extension("2.5.29.21", code));
    reasonExtensions.set(reason, made);
    return made;
  };
  const entries = revoked.map(({ serialNumber, at, reason }) =>
    sequence(integer(serialNumber), time(at), extensionsOf(reason)),
  );
  const tbs = sequence(
    integer(Buffer.of(1)),
    ecdsaWithSha256,
    issuer.subject.der,
    time(thisUpdate),
    time(nextUpdate),
    // RFC 5280 5.1.2.6: absent rather than empty.
    ...(entries.length === 0 ? [] : [sequence(Buffer.concat(entries))]),
    explicit(
      0,
      sequence(
        extension(extensionIds.authorityKeyIdentifier, sequence(element(context(0), keyIdentifier))),
        extension("2.5.29.20", unsignedInteger(octets(number))),
      ),
    ),
  );
  const crl = sequence(tbs, ecdsaWithSha256, bitString(await signer.sign(tbs)));
  verifyCrl(crl, { issuer, time: thisUpdate });
  return crl;
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(id), octetString(value));
}

function octets(number: bigint): Buffer {
  const digits = number.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
}
