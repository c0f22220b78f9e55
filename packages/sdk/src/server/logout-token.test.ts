import { CompactEncrypt, importJWK, type JWK } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { browse } from "../testing/browse.ts";
import { startTestProvider, type TestProvider } from "../testing/test-provider.ts";
import { createXid, type Xid, type XidOptions } from "./xid.ts";

const redirectUri = "http://127.0.0.1:9/callback";
const event = "http://schemas.openid.net/event/backchannel-logout";

let provider: TestProvider;
let xid: Xid;
let clientId: string;
let signedIn: Awaited<ReturnType<Xid["finish"]>>;

function create(options: Partial<XidOptions> = {}): Xid {
  let kept: string | undefined;
  return createXid({
    issuer: provider.issuer,
    redirectUri,
    registration: {
      name: "Test Bank",
      purpose: { ja: "試験", en: "a test" },
      logoutUri: "http://127.0.0.1:9/logout",
    },
    store: {
      read: async () => kept,
      write: async (text) => {
        kept = text;
      },
    },
    ...options,
  });
}

beforeAll(async () => {
  provider = await startTestProvider();
  xid = create();
  const { url, transaction } = await xid.start();
  signedIn = await xid.finish(await browse(url, redirectUri), transaction);
  clientId = String(signedIn.idTokenClaims.aud);
});
afterAll(() => provider.close());

const now = () => Math.floor(Date.now() / 1000);
const claims = (changes: Record<string, unknown> = {}) => ({
  iss: provider.issuer,
  aud: clientId,
  sub: signedIn.subject,
  sid: signedIn.sessionId,
  iat: now(),
  exp: now() + 120,
  jti: "one",
  events: { [event]: {} },
  ...changes,
});
const sign = (changes: Record<string, unknown> = {}, header: object = {}) =>
  provider.sign(claims(changes), { typ: "logout+jwt", ...header });

it("names the sign-in that has ended", async () => {
  expect(signedIn.sessionId).toEqual(expect.any(String));
  expect(await xid.verifyLogoutToken(await sign())).toEqual({
    subject: signedIn.subject,
    sessionId: signedIn.sessionId,
    tokenId: "one",
  });
});

it.each<[string, () => Promise<string | undefined> | string | undefined]>([
  ["none", () => undefined],
  ["one that is no JWT", () => "logout"],
  ["one that is very long", () => "x".repeat(20_000)],
  ["an ID token", () => signedIn.tokens.idToken],
  ["one of another type", () => sign({}, { typ: "JWT" })],
  ["one of another issuer", () => sign({ iss: "https://other.example" })],
  ["one for another client", () => sign({ aud: "another" })],
  ["one that has expired", () => sign({ exp: now() - 120 })],
  ["one that never expires", () => sign({ exp: undefined })],
  ["one from an hour ago", () => sign({ iat: now() - 3600 })],
  ["one without a subject", () => sign({ sub: undefined })],
  ["one without a session", () => sign({ sid: undefined })],
  ["one without an id", () => sign({ jti: undefined })],
  ["one without an event", () => sign({ events: undefined })],
  ["one about another event", () => sign({ events: { "urn:other": {} } })],
  ["one whose event is no object", () => sign({ events: { [event]: "yes" } })],
  ["one with a nonce", () => sign({ nonce: "n" })],
  [
    "one whose signature is broken",
    async () => (await sign()).replace(/\.([\w-])([\w-]*)$/, (_, a, b) => `.${a === "A" ? "B" : "A"}${b}`),
  ],
])("refuses %s", async (_name, token) => {
  await expect(xid.verifyLogoutToken(await token())).rejects.toMatchObject({ code: "LOGOUT_TOKEN_INVALID" });
});

it("opens one that is encrypted where ID tokens are, and takes no other there", async () => {
  const encrypted = create({ encrypted: true });
  const { url, transaction } = await encrypted.start();
  signedIn = await encrypted.finish(await browse(url, redirectUri), transaction);
  clientId = String(signedIn.idTokenClaims.aud);
  const { keys } = await encrypted.publicJwks();
  const key = keys.find(({ use }) => use === "enc") as JWK;
  const jwe = await new CompactEncrypt(new TextEncoder().encode(await sign()))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", cty: "JWT", kid: key.kid as string })
    .encrypt(await importJWK(key, "ECDH-ES"));
  expect(await encrypted.verifyLogoutToken(jwe)).toMatchObject({ sessionId: signedIn.sessionId });
  await expect(encrypted.verifyLogoutToken(await sign())).rejects.toMatchObject({ code: "LOGOUT_TOKEN_INVALID" });
});
