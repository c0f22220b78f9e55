import { createHash } from "node:crypto";
import { fromBase64url, toBase64url } from "@xid/protocol";
import { z } from "zod";
import { StoredCertificate, StoredStatus } from "../../identity/stored-certificate.ts";
import { RequestError } from "../request-error.ts";
import { openResult } from "../result.ts";
import type { Act } from "./act.ts";
import { signatureDigestOf, verifySignedByCard } from "./signed-by-card.ts";

/** What a card signature leaves for the relying party. Who may have how much of it is the API's to know. */
export const CardSignatureResult = z.object({
  verifiedAt: z.iso.datetime(),
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  signature: z.base64(),
  /** The same as CMS SignedData, DER. */
  cms: z.base64(),
  certificate: StoredCertificate,
  status: StoredStatus,
});
export type CardSignatureResult = z.infer<typeof CardSignatureResult>;

/** The person's card has signed what was shown. */
export const cardSignatureAct: Act<"card_signature"> = {
  takes: "card",
  async perform(platform, { account, shown, statement, given: { card } }) {
    if (!card || signatureDigestOf(card.signature) !== statement.signatureDigest) {
      throw new RequestError("GIVEN_MISMATCH", "the approval is for another signature of the card, or came without it");
    }
    const digest = fromBase64url(shown.signature.document.digest);
    const { verified, verifiedAt, certificate, certificateStatus } = await verifySignedByCard(
      platform,
      account.accountId,
      card,
      digest,
    );
    const result: CardSignatureResult = {
      verifiedAt: verifiedAt.toISOString(),
      signature: Buffer.from(verified.signature).toString("base64"),
      cms: Buffer.from(verified.cms).toString("base64"),
      certificate,
      status: certificateStatus,
    };
    return { evidence: { certificate, certificateStatus, cardSignature: card.signature }, result };
  },
  repeats(platform, request, { signatureDigest }) {
    const result = openResult(platform, request, CardSignatureResult);
    return result !== null && sha256(Buffer.from(result.signature, "base64")) === signatureDigest;
  },
};

function sha256(bytes: Uint8Array): string {
  return toBase64url(createHash("sha256").update(bytes).digest());
}
