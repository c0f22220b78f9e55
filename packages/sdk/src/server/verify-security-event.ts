import { EventType } from "@xid/protocol";
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import type { Connection } from "./client.ts";
import { XidError } from "./xid-error.ts";

/** A security event token (RFC 8417) whose signature, issuer and audience hold. */
export type SecurityEvent = {
  /** The same however often it is sent. */
  id: string;
  /** As in the ID token; null where it is about nobody whom the relying party knows. */
  subject: string | null;
  /** URI of the event in CAEP, RISC or SSF, or our own. */
  uri: string;
  /** What the event says beside that, as in a webhook. */
  type: EventType;
  data: Record<string, unknown>;
  /** Seconds since 1970. */
  time: number;
};

const Payload = z.object({
  jti: z.string(),
  sub_id: z.looseObject({ format: z.string(), iss: z.string().optional(), sub: z.string().optional() }),
  events: z.record(
    z.string(),
    z.looseObject({
      event_timestamp: z.int(),
      xid_event: z.object({ type: EventType, data: z.record(z.string(), z.unknown()) }),
    }),
  ),
  exp: z.undefined().optional(),
  nonce: z.undefined().optional(),
});

const keySets = new WeakMap<Connection, JWTVerifyGetKey>();

/**
 * The event in a token, if the platform that was registered with has signed it for this relying party. It does not get old:
 * keep the `id` with what it caused. Throws `XidError`: `WEBHOOK_INVALID`, or `UNREACHABLE` when there are no keys to be had.
 */
export async function verifySecurityEvent(connection: Connection, token: string): Promise<SecurityEvent> {
  const { issuer, jwks_uri: jwksUri } = connection.configuration.serverMetadata();
  const { client_id: audience } = connection.configuration.clientMetadata();
  if (!jwksUri) throw new XidError("RESPONSE_INVALID", "the provider names no keys");
  const keys = keySets.get(connection) ?? createRemoteJWKSet(new URL(jwksUri));
  keySets.set(connection, keys);
  const expected = { issuer, audience, typ: "secevent+jwt", algorithms: ["ES256"] };
  const { payload } = await jwtVerify(token, keys, expected).catch((cause) => {
    const unreachable = cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError);
    throw new XidError(unreachable ? "UNREACHABLE" : "WEBHOOK_INVALID", "not a security event token for us", { cause });
  });
  const parsed = Payload.safeParse(payload);
  const [[uri, event] = [], ...others] = parsed.success ? Object.entries(parsed.data.events) : [];
  if (!parsed.success || !uri || !event || others.length > 0) {
    throw new XidError("WEBHOOK_INVALID", "the security event token is not in its form");
  }
  const { jti: id, sub_id: about } = parsed.data;
  const subject = about.format === "iss_sub" && about.iss === issuer ? (about.sub ?? null) : null;
  return { id, subject, uri, ...event.xid_event, time: event.event_timestamp };
}
