import { envelopeDigest, fromBase64url, ProtocolError, PublicJwk } from "@xid/protocol";
import { z } from "zod";
import { RequestError } from "./request-error.ts";

/** The header is all of an envelope that anybody but the relying party can read: there is room in it for nothing else. */
const EnvelopeHeader = z.strictObject({
  alg: z.literal("ECDH-ES"),
  enc: z.literal("A256GCM"),
  kid: z.string().max(256).optional(),
  cty: z.string(),
  epk: PublicJwk,
});

type Expected = { kid: string | undefined; contentType: string; digest: string | undefined };

/**
 * That this is the envelope which the approval names, made out to the relying party's key. Whether the relying party can
 * open it, and what is in it, is not to be seen from here. Throws `RequestError("ENVELOPE_INVALID")`.
 */
export function requireEnvelope(envelope: string | undefined, { kid, contentType, digest }: Expected): string {
  if (envelope === undefined || digest === undefined || digestOf(envelope) !== digest) {
    throw new RequestError("ENVELOPE_INVALID", "the approval is for another envelope, or came without it");
  }
  const header = EnvelopeHeader.safeParse(parseHeader(envelope));
  if (!header.success || header.data.kid !== kid || header.data.cty !== contentType) {
    throw new RequestError("ENVELOPE_INVALID", "not an envelope of its kind for this relying party's key");
  }
  return envelope;
}

/** Undefined, which no approval names, for what is no envelope. */
function digestOf(envelope: string): string | undefined {
  try {
    return envelopeDigest(envelope);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
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
