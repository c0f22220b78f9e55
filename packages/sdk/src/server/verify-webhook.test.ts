import { generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { verifyWebhook, type WebhookHeaders } from "./verify-webhook.ts";

const now = 1_800_000_000_000;
const secret = `whsec_${randomBytes(32).toString("base64")}`;
const event = {
  id: randomUUID(),
  type: "consent.withdrawn",
  createdAt: "2027-01-15T08:00:00.000Z",
  subject: "someone",
  data: { consent: "link" },
};

/** As the specification's own library signs it. */
function sent({ id = event.id, at = now, body = JSON.stringify(event), by = secret } = {}) {
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(by).sign(id, new Date(at), body),
  };
  return { headers, body };
}

const take = (
  { headers, body }: { headers: WebhookHeaders; body: string | Uint8Array },
  by: string | string[] = secret,
) => verifyWebhook(headers, body, by, { now });
const refuses = expect.objectContaining({ code: "WEBHOOK_INVALID" });

describe("a webhook", () => {
  it("is taken as the event that it holds, with headers of any kind and a body as text or bytes", () => {
    const { headers, body } = sent();
    expect(take({ headers, body })).toEqual(event);
    expect(take({ headers: new Headers(headers), body: Buffer.from(body) })).toEqual(event);
  });

  it("is taken while secrets are changed: one of several signatures by one of several secrets", () => {
    const fresh = `whsec_${randomBytes(32).toString("base64")}`;
    const old = sent();
    const both = sent({ by: fresh });
    both.headers["webhook-signature"] += ` ${old.headers["webhook-signature"]} v9,unknown`;
    for (const by of [secret, fresh, [secret, fresh]]) expect(take(both, by)).toEqual(event);
    expect(take(old, [fresh, secret])).toEqual(event);
  });

  it("is taken with an Ed25519 signature, by the public key alone", () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const { headers, body } = sent();
    const content = Buffer.from(`${event.id}.${headers["webhook-timestamp"]}.${body}`);
    headers["webhook-signature"] = `v1a,${sign(null, content, privateKey).toString("base64")}`;
    const key = `whpk_${Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url").toString("base64")}`;
    expect(take({ headers, body }, key)).toEqual(event);
    expect(() => take({ headers, body: body.replace("link", "mink") }, key)).toThrow(refuses);
    // A public key is no secret: nothing that was signed with it as one passes.
    const forged = sent({ by: key.replace("whpk_", "whsec_") });
    expect(() => take(forged, key)).toThrow(refuses);
  });

  it.each<[string, () => Parameters<typeof take>[0]]>([
    ["by another secret", () => sent({ by: `whsec_${randomBytes(32).toString("base64")}` })],
    ["with another body", () => ({ ...sent(), body: JSON.stringify({ ...event, subject: "another" }) })],
    ["under another id", () => ({ ...sent(), headers: { ...sent().headers, "webhook-id": randomUUID() } })],
    ["whose id is not the event's", () => sent({ id: randomUUID() })],
    ["of five minutes ago", () => sent({ at: now - 301_000 })],
    ["from the future", () => sent({ at: now + 301_000 })],
    [
      "whose time was made newer",
      () => {
        const old = sent({ at: now - 400_000 });
        return { ...old, headers: { ...old.headers, "webhook-timestamp": String(now / 1000) } };
      },
    ],
    ["with a time that is none", () => ({ ...sent(), headers: { ...sent().headers, "webhook-timestamp": "now" } })],
    ["without a signature", () => ({ ...sent(), headers: { ...sent().headers, "webhook-signature": undefined } })],
    ["with an empty signature", () => ({ ...sent(), headers: { ...sent().headers, "webhook-signature": "v1," } })],
    ["that holds no event of ours", () => sent({ body: '{"id":"x"}' })],
    ["that holds no JSON", () => sent({ body: "hello" })],
  ])("%s is refused", (_, arrived) => {
    expect(() => take(arrived())).toThrow(refuses);
  });

  it("is refused whatever stands in its signature and body", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (signature, body) => {
        const { headers } = sent();
        expect(() => take({ headers: { ...headers, "webhook-signature": signature }, body })).toThrow(refuses);
      }),
    );
  });

  it("cannot be checked with something that is no secret", () => {
    expect(() => take(sent(), "hunter2")).toThrow(TypeError);
  });
});
