import { createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from "node:crypto";
import { z } from "zod";
import type { Platform } from "../platform.ts";

/** What an endpoint's deliveries are signed with (Standard Webhooks, "Signature scheme"): the newest first. */
export const EndpointKeys = z.array(
  z.strictObject({
    /** Of the call that made it. */
    id: z.uuid(),
    signature: z.enum(["v1", "v1a"]),
    /** 32 bytes: the HMAC secret, or the seed of an Ed25519 key. */
    secret: z.base64(),
    /** From then on it signs nothing any more; the newest has no end. */
    until: z.iso.datetime().nullable(),
  }),
);
export type EndpointKeys = z.infer<typeof EndpointKeys>;
type EndpointKey = EndpointKeys[number];

type Parts = Pick<Platform, "sealer">;
type Place = { clientId: string; endpointId: string };

export function sealKeys({ sealer }: Parts, place: Place, keys: EndpointKeys): Buffer {
  return sealer.seal(context(place), JSON.stringify(keys));
}

export function openKeys({ sealer }: Parts, place: Place, sealed: Buffer): EndpointKeys {
  return EndpointKeys.parse(JSON.parse(sealer.open(context(place), sealed).toString("utf8")));
}

function context({ clientId, endpointId }: Place): string {
  return `webhook_endpoints.keys_sealed:${clientId}.${endpointId}`;
}

export function createKey(id: string, signature: EndpointKey["signature"]): EndpointKey {
  return { id, signature, secret: randomBytes(32).toString("base64"), until: null };
}

/** Those that sign at a moment. */
export function livingKeys(keys: EndpointKeys, now: number): EndpointKeys {
  return keys.filter(({ until }) => until === null || Date.parse(until) > now);
}

/** `whsec_…`, as receivers configure it. */
export function secretOf({ signature, secret }: EndpointKey): string | null {
  return signature === "v1" ? `whsec_${secret}` : null;
}

/** `whpk_…` */
export function publicKeyOf(key: EndpointKey): string {
  const { x = "" } = createPublicKey(privateKeyOf(key)).export({ format: "jwk" });
  return `whpk_${Buffer.from(x, "base64url").toString("base64")}`;
}

/** The header `webhook-signature`: one signature by each key, over `id.timestamp.body`. @param timestamp seconds since 1970 */
export function signDelivery(
  keys: EndpointKeys,
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
) {
  const content = Buffer.from(`${id}.${timestamp}.${body}`);
  return keys.map((key) => `${key.signature},${signatureOf(key, content).toString("base64")}`).join(" ");
}

function signatureOf(key: EndpointKey, content: Buffer): Buffer {
  if (key.signature === "v1a") return sign(null, content, privateKeyOf(key));
  return createHmac("sha256", Buffer.from(key.secret, "base64")).update(content).digest();
}

/** PKCS #8 of an Ed25519 key (RFC 8410 section 7) is this and the seed. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

function privateKeyOf({ secret }: EndpointKey) {
  const key = Buffer.concat([pkcs8Prefix, Buffer.from(secret, "base64")]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}
