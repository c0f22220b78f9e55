import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestProvider, type TestProvider } from "../testing/test-provider.ts";
import { createXid, type Xid } from "./xid.ts";

let provider: TestProvider;
let xid: Xid;
let audience: string;
beforeAll(async () => {
  provider = await startTestProvider();
  let text: string | undefined;
  xid = createXid({
    issuer: provider.issuer,
    redirectUri: "http://127.0.0.1:9/callback",
    registration: { name: "はるかぜ銀行", purpose: { ja: "口座開設のため", en: "To open an account" } },
    store: {
      read: async () => text,
      write: async (written) => {
        text = written;
      },
    },
  });
  await xid.prepare();
  audience = JSON.parse(text!).registration.clientId;
});
afterAll(() => provider.close());

const uri = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const inside = { event_timestamp: 1_800_000_000, xid_event: { type: "consent.withdrawn", data: { consent: "link" } } };
const claims = () => ({
  iss: provider.issuer,
  aud: audience,
  iat: 1_800_000_000,
  jti: "event-1",
  sub_id: { format: "iss_sub", iss: provider.issuer, sub: "hanako" } as Record<string, string>,
  events: { [uri]: inside },
});
const token = (changes: object = {}, typ = "secevent+jwt") => provider.sign({ ...claims(), ...changes }, { typ });

describe("a security event token", () => {
  it("is taken from the provider, for us, also long after it was signed", async () => {
    expect(await xid.verifySecurityEvent(await token())).toEqual({
      id: "event-1",
      subject: "hanako",
      uri,
      type: "consent.withdrawn",
      data: { consent: "link" },
      time: 1_800_000_000,
    });
  });

  it("about nobody whom we know has no subject", async () => {
    const about = { sub_id: { format: "opaque", id: "request-1" } };
    expect(await xid.verifySecurityEvent(await token(about))).toMatchObject({ subject: null });
    const elsewhere = { sub_id: { format: "iss_sub", iss: "https://other.example", sub: "hanako" } };
    expect(await xid.verifySecurityEvent(await token(elsewhere))).toMatchObject({ subject: null });
  });

  it.each<[string, () => Promise<string>]>([
    ["by another issuer", () => token({ iss: "https://other.example" })],
    ["for another relying party", () => token({ aud: "another" })],
    ["of another kind of JWT", () => token({}, "JWT")],
    ["that could pass for an ID token", () => token({ nonce: "n" })],
    ["that gets old", () => token({ exp: 4_000_000_000 })],
    ["without an id", () => token({ jti: undefined })],
    ["of two events", () => token({ events: { [uri]: inside, "urn:other": inside } })],
    ["of none", () => token({ events: {} })],
    ["that was changed", async () => (await token()).replace(/\.(.{10})/, ".$1A")],
    ["that is none", async () => "hello"],
  ])("%s is refused", async (_, made) => {
    await expect(xid.verifySecurityEvent(await made())).rejects.toMatchObject({ code: "WEBHOOK_INVALID" });
  });
});
