import { createHash } from "node:crypto";
import {
  type ApprovalStatement,
  type CardSignature,
  fromBase64url,
  ProtocolError,
  type RequestDisplay,
  toBase64url,
} from "@xid/protocol";
import type { AccountState } from "../identity/account-state.ts";
import { keepRevocationList } from "../identity/revocation-list.ts";
import { toStoredCertificate, toStoredStatus } from "../identity/stored-certificate.ts";
import { verifyCardSignature } from "../identity/verify-card-signature.ts";
import type { Platform } from "../platform.ts";
import type { Request } from "./request.ts";
import { RequestError } from "./request-error.ts";
import type { CardSignatureResult } from "./result.ts";
import { requireGoodStanding } from "./standing.ts";

/** What an approval does, by kind. */
export type Act = {
  /** For the evidence, beyond what every approval leaves there. */
  evidence: Record<string, unknown>;
  /** What the relying party reads later. */
  result: CardSignatureResult | null;
};

export type Approval = {
  request: Request;
  account: AccountState;
  shown: RequestDisplay;
  statement: ApprovalStatement;
  /** What came along with the approval. */
  card: CardSignature | undefined;
};

/**
 * Does what was approved, short of writing it. Throws `RequestError` and, about a card, `IdentityError`.
 */
export async function performAct(platform: Platform, approval: Approval): Promise<Act> {
  const { shown, statement } = approval;
  if (shown.kind === "card_signature" && statement.kind === "card_signature") {
    return signedByCard(platform, approval, shown.signature.document.digest, statement.signatureDigest);
  }
  if (approval.card) throw new RequestError("CARD_MISMATCH", "nothing was to be signed with the card");
  return signedIn(platform, approval.account);
}

async function signedIn(platform: Platform, account: AccountState): Promise<Act> {
  const certificateStatus = await requireGoodStanding(platform, account);
  return { evidence: { certificate: account.certificate.stored, certificateStatus }, result: null };
}

async function signedByCard(
  platform: Platform,
  { account, card }: Approval,
  digest: string,
  signatureDigest: string,
): Promise<Act> {
  if (!card || signatureDigestOf(card.signature) !== signatureDigest) {
    throw new RequestError("CARD_MISMATCH", "the approval is for another signature of the card, or came without it");
  }
  const verified = await verifyCardSignature(platform, account.accountId, card, fromBase64url(digest));
  const verifiedAt = new Date(await platform.jpki.now());
  await keepRevocationList(platform.database, verified.status, verifiedAt);
  const certificate = toStoredCertificate(verified.certificate, verified.issuers);
  const certificateStatus = toStoredStatus(verified.status, verifiedAt);
  const cardSignature = card.signature;
  return {
    evidence: { certificate, certificateStatus, cardSignature },
    result: {
      verifiedAt: verifiedAt.toISOString(),
      signature: Buffer.from(verified.signature).toString("base64"),
      cms: Buffer.from(verified.cms).toString("base64"),
      certificate,
      status: certificateStatus,
    },
  };
}

/** Undefined, which no approval names, for what is not base64url to the letter. */
function signatureDigestOf(signature: string): string | undefined {
  try {
    return sha256(fromBase64url(signature));
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

function sha256(bytes: Uint8Array): string {
  return toBase64url(createHash("sha256").update(bytes).digest());
}
