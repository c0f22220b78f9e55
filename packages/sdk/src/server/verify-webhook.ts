import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { XidEvent } from "@xid/protocol";
import { XidError } from "./xid-error.ts";

export type WebhookHeaders = Headers | Record<string, string | readonly string[] | undefined>;

/** How far the time of a webhook may be from ours, in seconds. */
const tolerance = 300;

/**
 * The event in a webhook, if its signature holds and it was sent now (Standard Webhooks). `body` is what arrived, byte for
 * byte: parse nothing before. `secret` is a `whsec_…` or a `whpk_…`; during a rotation, a list of both. An event may come more
 * than once: keep its `id` with what it caused. Throws `XidError` `WEBHOOK_INVALID`.
 *
 * @param now milliseconds since 1970
 */
export function verifyWebhook(
  headers: WebhookHeaders,
  body: string | Uint8Array,
  secret: string | readonly string[],
  { now = Date.now() }: { now?: number } = {},
): XidEvent {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  if (!/^\d{1,12}$/.test(timestamp)) throw invalid("webhook-timestamp is no time");
  if (Math.abs(now / 1000 - Number(timestamp)) > tolerance) throw invalid("it was not sent now");
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body as Uint8Array)]);
  const signatures = header(headers, "webhook-signature").split(" ").slice(0, 20);
  const checks = [secret].flat().map(checkFor);
  if (!signatures.some((signature) => checks.some((check) => check(signature, content)))) {
    throw invalid("no signature holds");
  }
  const event = XidEvent.safeParse(parseJson(body));
  if (!event.success || event.data.id !== id) throw invalid("it holds no event");
  return event.data;
}

type Check = (signature: string, content: Buffer) => boolean;

function checkFor(secret: string): Check {
  const [, prefix, encoded] = /^(whsec|whpk)_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (!prefix || !encoded) throw new TypeError("a webhook secret is whsec_… or whpk_…");
  const key = Buffer.from(encoded, "base64");
  if (prefix === "whsec") {
    return (signature, content) => {
      const expected = createHmac("sha256", key).update(content).digest();
      const given = decode("v1", signature);
      return given?.length === expected.length && timingSafeEqual(given, expected);
    };
  }
  const jwk = { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  return (signature, content) => {
    const given = decode("v1a", signature);
    return given !== undefined && verify(null, content, publicKey, given);
  };
}

function decode(version: string, signature: string): Buffer | undefined {
  const [given, encoded, ...rest] = signature.split(",");
  return given === version && encoded !== undefined && rest.length === 0 ? Buffer.from(encoded, "base64") : undefined;
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value !== "string" || value === "") throw invalid(`${name} is missing`);
  return value;
}

/** Undefined, which no event is, if it is not JSON. */
function parseJson(body: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof body === "string" ? body : Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

function invalid(why: string): XidError {
  return new XidError("WEBHOOK_INVALID", `not a webhook of xID: ${why}`);
}
