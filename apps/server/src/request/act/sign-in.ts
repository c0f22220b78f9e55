import { createHash } from "node:crypto";
import { cardPresence } from "@xid/protocol";
import { z } from "zod";
import type { Platform } from "../../platform.ts";
import { RequestError } from "../request-error.ts";
import { openResult } from "../result.ts";
import { requireStanding } from "../standing.ts";
import type { Act, Approval, Done } from "./act.ts";
import { signatureDigestOf, verifySignedByCard } from "./signed-by-card.ts";

/** What a sign-in with the card leaves, so that an approval which comes again is known. */
const PresentedCard = z.object({ signatureDigest: z.string() });

/**
 * A person lets go of what they were shown: their certificate must stand, or the client goes on although it has ended; and where
 * the card itself is wanted, it must be there.
 */
export const signInAct: Act<"sign_in"> = {
  takes: "card",
  async perform(platform, approval) {
    const { request, account, shown, statement, given } = approval;
    if (shown.level === "card") return presentCard(platform, approval);
    if (given.card || statement.signatureDigest !== undefined) {
      throw new RequestError("GIVEN_MISMATCH", "the card was not asked for");
    }
    const { evidence: certificateStatus, changed } = await requireStanding(platform, request, account);
    return {
      evidence: {
        certificate: account.certificate.stored,
        certificateStatus,
        ...(changed && { identityChanged: changed }),
      },
      result: null,
    };
  },
  repeats(platform, request, { signatureDigest }) {
    return openResult(platform, request, PresentedCard)?.signatureDigest === signatureDigest;
  },
};

/** The card has signed that it is there, for this request as it was shown. */
async function presentCard(
  platform: Platform,
  { account, shown, statement, given: { card } }: Approval<"sign_in">,
): Promise<Done> {
  if (!card || signatureDigestOf(card.signature) !== statement.signatureDigest) {
    throw new RequestError("GIVEN_MISMATCH", "the approval is for another signature of the card, or came without it");
  }
  const { issuer: origin } = platform.config;
  const digest = createHash("sha256").update(cardPresence(shown, origin)).digest();
  const { certificate, certificateStatus } = await verifySignedByCard(platform, account.accountId, card, digest);
  return {
    evidence: { certificate, certificateStatus, cardSignature: card.signature, origin },
    result: { signatureDigest: statement.signatureDigest },
  };
}
