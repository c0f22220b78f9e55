import { z } from "zod";
import { canonicalJson, contentDigest, sha256 } from "./canonical.ts";
import { digestToSign } from "./card-signature.ts";
import type { RequestDisplay } from "./messages.ts";

/**
 * What the card's signature key signs, in canonical JSON, where a sign-in wants the card itself: that it is there for this
 * one request, as it was shown, of this platform.
 */
export const CardPresenceStatement = z.strictObject({
  typ: z.literal("xid-card-presence-v1"),
  /** Issuer URL of the platform. */
  origin: z.string().max(512),
  requestId: z.string().max(128),
  clientId: z.string().max(256),
  /** `contentDigest` of the `RequestDisplay`. */
  displayDigest: z.string().length(43),
});
export type CardPresenceStatement = z.infer<typeof CardPresenceStatement>;

type Shown = Pick<RequestDisplay, "requestId" | "client">;

/** @param origin issuer URL of the platform that shows it */
export function cardPresence(display: Shown, origin: string): Uint8Array<ArrayBuffer> {
  return canonicalJson({
    typ: "xid-card-presence-v1",
    origin,
    requestId: display.requestId,
    clientId: display.client.clientId,
    displayDigest: contentDigest(display),
  } satisfies CardPresenceStatement);
}

/**
 * The SHA-256 that the card's signature key is to sign for a request; undefined where it has nothing to sign. Throws
 * `ProtocolError("MALFORMED")` when the platform names another digest than that of the text it shows.
 */
export function digestForCard(display: RequestDisplay, origin: string): Uint8Array | undefined {
  if (display.kind === "card_signature") return digestToSign(display.signature.document);
  return display.kind === "sign_in" && display.level === "card" ? sha256(cardPresence(display, origin)) : undefined;
}
