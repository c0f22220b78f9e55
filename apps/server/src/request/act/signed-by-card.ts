import { createHash } from "node:crypto";
import { type CardSignature, fromBase64url, ProtocolError, toBase64url } from "@xid/protocol";
import { keepRevocationList } from "../../identity/revocation-list.ts";
import {
  type StoredCertificate,
  type StoredStatus,
  toStoredCertificate,
  toStoredStatus,
} from "../../identity/stored-certificate.ts";
import { type VerifiedCardSignature, verifyCardSignature } from "../../identity/verify-card-signature.ts";
import type { Platform } from "../../platform.ts";

export type SignedByCard = {
  verified: VerifiedCardSignature;
  verifiedAt: Date;
  certificate: StoredCertificate;
  certificateStatus: StoredStatus;
};

/** Verifies a signature by the card of the account's person, and keeps what that rests on. Throws `IdentityError`. */
export async function verifySignedByCard(
  platform: Platform,
  accountId: string,
  card: CardSignature,
  digest: Uint8Array,
): Promise<SignedByCard> {
  const verified = await verifyCardSignature(platform, accountId, card, digest);
  const verifiedAt = new Date(await platform.jpki.now());
  await keepRevocationList(platform.database, verified.status, verifiedAt);
  const certificate = toStoredCertificate(verified.certificate, verified.issuers);
  return { verified, verifiedAt, certificate, certificateStatus: toStoredStatus(verified.status, verifiedAt) };
}

/** Undefined, which no approval names, for what is not base64url to the letter. */
export function signatureDigestOf(signature: string): string | undefined {
  try {
    return toBase64url(createHash("sha256").update(fromBase64url(signature)).digest());
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
