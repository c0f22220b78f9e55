import { attributeNames, handOverType } from "@xid/protocol";
import { sql } from "kysely";
import { z } from "zod";
import { handOverLifetime, sealEnvelopeAgain } from "../hand-over.ts";
import { RequestError } from "../request-error.ts";
import { requireEnvelope } from "../require-envelope.ts";
import { openResult } from "../result.ts";
import { requireGoodStanding } from "../standing.ts";
import type { Act } from "./act.ts";

/** What remains of a hand-over: it says which envelope it was, and by which key its content is signed. */
export const HandOverResult = z.object({
  envelopeDigest: z.string(),
  holderKey: z.string(),
  attributes: z.object({
    name: z.string(),
    birthdate: z.string(),
    gender: z.enum(["male", "female", "unknown"]),
    address: z.string(),
  }),
});

/** The person's My Number goes to the relying party, in an envelope that we cannot open. */
export const myNumberAct: Act<"my_number"> = {
  takes: "handOver",
  async perform(platform, { request, account, shown, statement, given: { handOver } }) {
    const { kid } = shown.handOver.recipient.key;
    const digest = handOver?.holderKey === statement.holderKey ? statement.envelopeDigest : undefined;
    const envelope = requireEnvelope(handOver?.envelope, { kid, contentType: handOverType, digest });
    const { attributes } = shown.handOver;
    if (attributeNames.some((name) => account.attributes[name] !== attributes[name])) {
      throw new RequestError("DISPLAY_MISMATCH", "the attributes have changed since they were shown");
    }
    const certificateStatus = await requireGoodStanding(platform, account, shown.level);
    const { envelopeDigest, holderKey } = statement;
    const result: z.infer<typeof HandOverResult> = { envelopeDigest, holderKey, attributes };
    const now = platform.clock();
    const sealed = sealEnvelopeAgain(platform, request.requestId, envelope);
    return {
      evidence: { certificate: account.certificate.stored, certificateStatus },
      result,
      writes: () => [
        sql`INSERT INTO hand_overs (request_id, client_id, envelope_sealed, created_at, expires_at)
          SELECT ${request.requestId}, client_id, ${sealed}::bytea, ${new Date(now)}::timestamptz,
            ${new Date(now + handOverLifetime * 1000)}::timestamptz FROM decided`,
      ],
    };
  },
  repeats(platform, request, { envelopeDigest, holderKey }) {
    const result = openResult(platform, request, HandOverResult);
    return result?.envelopeDigest === envelopeDigest && result.holderKey === holderKey;
  },
};
