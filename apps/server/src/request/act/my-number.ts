import { attributeNames, envelopeDigest, fromBase64url, handOverType, ProtocolError, PublicJwk } from "@xid/protocol";
import { sql } from "kysely";
import { z } from "zod";
import { handOverLifetime, sealEnvelopeAgain } from "../hand-over.ts";
import { RequestError } from "../request-error.ts";
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

/** The header is all of an envelope that anybody but the relying party can read: there is room in it for nothing else. */
const EnvelopeHeader = z.strictObject({
  alg: z.literal("ECDH-ES"),
  enc: z.literal("A256GCM"),
  kid: z.string().max(256).optional(),
  cty: z.literal(handOverType),
  epk: PublicJwk,
});

/** The person's My Number goes to the relying party, in an envelope that we cannot open. */
export const myNumberAct: Act<"my_number"> = {
  takes: "handOver",
  async perform(platform, { request, account, shown, statement, given: { handOver } }) {
    if (!handOver || handOver.holderKey !== statement.holderKey) throw mismatch();
    if (digestOf(handOver.envelope) !== statement.envelopeDigest) throw mismatch();
    requireEnvelopeFor(shown.handOver.recipient.key.kid, handOver.envelope);
    const { attributes } = shown.handOver;
    if (attributeNames.some((name) => account.attributes[name] !== attributes[name])) {
      throw new RequestError("DISPLAY_MISMATCH", "the attributes have changed since they were shown");
    }
    const certificateStatus = await requireGoodStanding(platform, account);
    const { envelopeDigest, holderKey } = statement;
    const result: z.infer<typeof HandOverResult> = { envelopeDigest, holderKey, attributes };
    const now = platform.clock();
    const sealed = sealEnvelopeAgain(platform, request.requestId, handOver.envelope);
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

/** Undefined, which no approval names, for what is no envelope. */
function digestOf(envelope: string): string | undefined {
  try {
    return envelopeDigest(envelope);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Whether the relying party can open it is not to be seen from here. */
function requireEnvelopeFor(kid: string | undefined, envelope: string): void {
  const header = EnvelopeHeader.safeParse(parseHeader(envelope));
  if (!header.success || header.data.kid !== kid) {
    throw new RequestError("ENVELOPE_INVALID", "not an envelope with a hand-over for this relying party's key");
  }
}

function parseHeader(envelope: string): unknown {
  const [header = ""] = envelope.split(".");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(header)));
  } catch {
    return undefined;
  }
}

function mismatch(): RequestError {
  return new RequestError("ENVELOPE_INVALID", "the approval is for another envelope, or came without it");
}
