import { type Certificate, verifyDigestSignature, wrapSignature } from "@xid/pki";
import { type CardSignature, fromBase64url } from "@xid/protocol";
import type { StatusAnswer } from "../jpki/check-status.ts";
import type { Platform } from "../platform.ts";
import { findAccount, readPersonCertificates } from "./find-account.ts";
import { IdentityError } from "./identity-error.ts";
import { refuseWith, requireNotRevoked, trustSignatureCertificate } from "./signature-certificate.ts";
import { serialLookup } from "./stored-certificate.ts";

/** A signature by the card of the account's person. */
export type VerifiedCardSignature = {
  certificate: Certificate;
  /** From the direct issuer up to the anchor. */
  issuers: readonly Certificate[];
  status: StatusAnswer;
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  signature: Uint8Array;
  /** The same signature as CMS SignedData (RFC 5652), detached, with the chain. */
  cms: Uint8Array;
};

/**
 * Verifies a card's signature over a SHA-256: that a trusted authority issued the certificate for signatures, that its key
 * signed, that it is the card of this account's person (by a certificate known to be theirs, or by J-LIS's links), and
 * that it is not revoked now. Throws `IdentityError`; nobody outside is asked about a certificate whose key has not signed.
 */
export async function verifyCardSignature(
  platform: Pick<Platform, "jpki" | "database" | "sealer">,
  accountId: string,
  card: CardSignature,
  digest: Uint8Array,
): Promise<VerifiedCardSignature> {
  const { person, path, issuers } = await trustSignatureCertificate(platform, card.certificate);
  const signature = refuseWith("CARD_SIGNATURE_INVALID", () => fromBase64url(card.signature));
  refuseWith("CARD_SIGNATURE_INVALID", () => verifyDigestSignature({ certificate: path, digest, signature }));
  const { certificate } = person;
  await requireSamePerson(platform, accountId, certificate.serial);
  const status = await requireNotRevoked(platform.jpki, certificate, issuers[0]);
  const cms = wrapSignature({
    certificate: certificate.der,
    furtherCertificates: issuers.map(({ der }) => der),
    digest,
    signature,
  });
  return { certificate, issuers, status, signature, cms };
}

/** Asks J-LIS only about a certificate that has not been met yet: a card that was renewed since it was last read. */
async function requireSamePerson(
  platform: Pick<Platform, "jpki" | "database" | "sealer">,
  accountId: string,
  serial: string,
): Promise<void> {
  const known = await platform.database
    .selectFrom("certificate_accounts")
    .select("account_id")
    .where("serial_lookup", "=", serialLookup(platform, "signature", serial))
    .executeTakeFirst();
  const account =
    known?.account_id ?? (await findAccount(platform.database, await readPersonCertificates(platform, serial)));
  if (account !== accountId) throw new IdentityError("OTHER_PERSON");
}
