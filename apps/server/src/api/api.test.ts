import { hash, randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { EvidenceReceipt, RequestResult } from "@xid/protocol";
import { Hono } from "hono";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import type Provider from "oidc-provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unlinkService } from "../consent/unlink.ts";
import { authenticateByToken } from "../oidc/access-token.ts";
import { loadProviderKeys } from "../oidc/keys.ts";
import { createProvider } from "../oidc/provider.ts";
import { readRequest } from "../request/engine.ts";
import type { Request as XidRequest } from "../request/request.ts";
import { createOidcAdapter } from "../store/oidc-adapter.ts";
import { type Resident, type TestDevice, TestWorld } from "../test-world.ts";
import { relyingPartyApi } from "./api.ts";
import type { ApiRoute } from "./route.ts";
import { apiRoutes } from "./routes.ts";

type TokenParts = { clientId: string; accountId: string; scope: string; aud: string; jkt: string; expiresIn: number };

let world: TestWorld;
let provider: Provider;
let api: Hono;
let device: TestDevice;
let resident: Resident;
let stranger: TestDevice;
let signed: XidRequest;
let signedIn: XidRequest;

const scheme = (kind: string, token: string) => ({ authorization: `${kind} ${token}` });

beforeAll(async () => {
  world = await TestWorld.start();
  const { platform, test } = world;
  provider = createProvider(platform, test, await loadProviderKeys(`${platform.config.dataDirectory}/keys`));
  api = new Hono().route("/v1", relyingPartyApi(platform, authenticateByToken(provider)));
  const clients = createOidcAdapter({ ...test, ...platform })("Client");
  for (const [clientId, receives] of [
    ["bank", true],
    ["shop", false],
  ] as const) {
    const metadata = {
      client_id: clientId,
      client_name: clientId,
      client_secret: "s".repeat(43),
      redirect_uris: [`https://${clientId}.example/callback`],
      xid_receives_certificates: receives,
    };
    await clients.upsert(clientId, metadata, 1e6);
  }
  [{ device, resident }, { device: stranger }] = [await world.enrolled(), await world.enrolled()];
  signed = await sign("bank");
  const request = await world.request();
  await device.approve(request, ["name"]);
  signedIn = (await readRequest(platform, request.requestId))!;
}, 120_000);
afterAll(() => world.close());

async function sign(clientId: string): Promise<XidRequest> {
  const request = await world.signatureRequest({ text: "預金契約書\n第1条 …" }, { clientId });
  const display = await device.open(request);
  await device.client.approveRequest(display, [], "app_pin", { card: await device.signWithCard(display, resident) });
  return (await readRequest(world.platform, request.requestId))!;
}

async function tokenFor(parts: Partial<TokenParts> = {}): Promise<string> {
  const { clientId = "bank", accountId = device.ids.accountId, scope = "openid", expiresIn, ...rest } = parts;
  const client = (await provider.Client.find(clientId))!;
  const grant = new provider.Grant({ accountId, clientId });
  const grantId = await grant.save();
  const token = new provider.AccessToken({
    client,
    accountId,
    grantId,
    scope,
    gty: "authorization_code",
    ...rest,
  } as never);
  return (expiresIn === undefined ? token : Object.assign(token, { expiresIn })).save();
}

function call(path: string, headers: Record<string, string> = {}, remoteAddress = "127.0.0.1"): Promise<Response> {
  const bindings = { incoming: { socket: { remoteAddress }, headers: {} } } as unknown as HttpBindings;
  return Promise.resolve(api.fetch(new Request(`${world.platform.config.issuer}/v1${path}`, { headers }), bindings));
}

/** What each route is asked for: something that exists, and that the right caller gets. */
const subjects: Record<string, () => string> = {
  getRequest: () => signed.requestId,
  getEvidence: () => signed.evidenceId!,
};
const pathOf = ({ path, name }: ApiRoute) => path.replace("{id}", subjects[name]!());

describe.each(apiRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_, route) => {
  it("answers the relying party with the person's token, and says how many calls are left", async () => {
    const response = await call(pathOf(route), scheme("Bearer", await tokenFor({ scope: route.scope })));
    expect(response.status).toBe(200);
    expect(route.answer.safeParse(await response.json()).error).toBeUndefined();
    expect(Number(response.headers.get("ratelimit-remaining"))).toBeLessThan(
      Number(response.headers.get("ratelimit-limit")),
    );
    expect(response.headers.get("ratelimit-reset")).toMatch(/^\d+$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it.each<[string, number, string, () => Promise<Record<string, string>>]>([
    ["no token", 401, "TOKEN_INVALID", async () => ({})],
    ["another scheme", 401, "TOKEN_INVALID", async () => scheme("Basic", await tokenFor())],
    ["a token that was never given out", 401, "TOKEN_INVALID", async () => scheme("Bearer", "x".repeat(43))],
    ["another client's token", 404, "NOT_FOUND", async () => scheme("Bearer", await tokenFor({ clientId: "shop" }))],
    [
      "another person's token",
      404,
      "NOT_FOUND",
      async () => scheme("Bearer", await tokenFor({ accountId: stranger.ids.accountId })),
    ],
    [
      "a token without the scope",
      403,
      "SCOPE_INSUFFICIENT",
      async () => scheme("Bearer", await tokenFor({ scope: "name" })),
    ],
    [
      "a token for another audience",
      401,
      "TOKEN_INVALID",
      async () => scheme("Bearer", await tokenFor({ aud: "https://other.example" })),
    ],
    ["an expired token", 401, "TOKEN_INVALID", async () => scheme("Bearer", await tokenFor({ expiresIn: -1 }))],
    [
      "a revoked token",
      401,
      "TOKEN_INVALID",
      async () => {
        const token = await tokenFor();
        await (await provider.AccessToken.find(token))?.destroy();
        return scheme("Bearer", token);
      },
    ],
    [
      "the token of a service that was unlinked",
      401,
      "TOKEN_INVALID",
      async () => {
        const token = await tokenFor();
        await unlinkService(world.platform, device.ids.accountId, "bank");
        return scheme("Bearer", token);
      },
    ],
    [
      "a token bound to a key, without its proof",
      401,
      "DPOP_PROOF_INVALID",
      async () => scheme("DPoP", await tokenFor({ jkt: "k" })),
    ],
    [
      "a bound token as if it were none",
      401,
      "TOKEN_INVALID",
      async () => scheme("Bearer", await tokenFor({ jkt: "k" })),
    ],
    ["a free token as if it were bound", 401, "TOKEN_INVALID", async () => scheme("DPoP", await tokenFor())],
  ])("refuses %s", async (_case, status, code, headers) => {
    const response = await call(pathOf(route), await headers());
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    expect(response.headers.has("www-authenticate")).toBe(status !== 404);
  });

  it("finds nothing under an id that is none", async () => {
    const response = await call(route.path.replace("{id}", "a%20b"), scheme("Bearer", await tokenFor()));
    expect(response.status).toBe(404);
  });
});

describe("a token that is bound to a key", () => {
  const path = () => `/requests/${signed.requestId}`;
  const url = () => `${world.platform.config.issuer}/v1${path()}`;

  async function bound(claims: object = {}, header: object = {}) {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = await exportJWK(publicKey);
    const token = await tokenFor({ jkt: await calculateJwkThumbprint(jwk) });
    const ath = hash("sha256", token, "base64url");
    const payload = { jti: randomUUID(), htm: "GET", htu: url(), ath, iat: Math.floor(Date.now() / 1000), ...claims };
    const proof = await new SignJWT(payload)
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk, ...header })
      .sign(privateKey);
    return { ...scheme("DPoP", token), dpop: proof };
  }
  const codeOf = async (headers: Record<string, string>) =>
    ((await (await call(path(), headers)).json()) as { code?: string }).code;

  it("is good with a proof for this very call, once", async () => {
    const headers = await bound();
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(path(), headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it.each<[string, object, object?]>([
    ["of another method", { htm: "POST" }],
    ["for another address", { htu: "https://other.example/v1/requests/x" }],
    ["for another token", { ath: hash("sha256", "other", "base64url") }],
    ["that is old", { iat: Math.floor(Date.now() / 1000) - 400 }],
    ["from the future", { iat: Math.floor(Date.now() / 1000) + 60 }],
    ["without an id", { jti: undefined }],
    ["of another kind of JWT", {}, { typ: "JWT" }],
  ])("is refused with a proof %s", async (_, claims, header) => {
    expect(await codeOf(await bound(claims, header))).toBe("DPOP_PROOF_INVALID");
  });

  it("is refused with a proof by another key", async () => {
    const [one, two] = [await bound(), await bound()];
    expect(await codeOf({ ...one, dpop: two.dpop })).toBe("DPOP_PROOF_INVALID");
  });
});

it("puts off whoever keeps coming without a token", async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => call("/requests/x", {}, "192.0.2.7")));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(30);
  expect(answers.at(-1)!.headers.get("retry-after")).toBe("2");
});

describe("the result", () => {
  const read = async (request: XidRequest, clientId: string) =>
    RequestResult.parse(
      await (await call(`/requests/${request.requestId}`, scheme("Bearer", await tokenFor({ clientId })))).json(),
    );

  it("of a card signature tells who may have them signature, CMS, chain and revocation answer", async () => {
    const result = await read(signed, "bank");
    if (result.kind !== "card_signature" || !result.signature) throw new Error(result.kind);
    const { certificates, value, cms, revocation, report } = result.signature;
    expect(result.state).toBe("approved");
    expect(certificates!.length).toBeGreaterThan(1);
    expect([value, cms, revocation.response]).not.toContain(null);
    expect(report.indication).toBe("TOTAL-PASSED");
  });

  it("keeps certificate, serial number and signature from a relying party that may not have them", async () => {
    const request = await sign("shop");
    const text = JSON.stringify(await read(request, "shop"));
    const result = await read(request, "shop");
    if (result.kind !== "card_signature" || !result.signature) throw new Error(result.kind);
    const { certificates, value, cms, revocation, hashes } = result.signature;
    expect([certificates, value, cms, revocation.response]).toEqual([null, null, null, null]);
    expect(hashes.value).toHaveLength(43);
    for (const { serial } of resident.card.certificates) expect(text).not.toContain(serial);
    expect(text).not.toContain(resident.name);
  });

  it("of a sign-in says what was let go", async () => {
    expect(await read(signedIn, "bank")).toMatchObject({ kind: "sign_in", state: "approved", items: ["name"] });
  });
});

describe("the evidence", () => {
  const read = async (id: string, clientId: string) => {
    const response = await call(`/evidence/${id}`, scheme("Bearer", await tokenFor({ clientId })));
    return (await response.json()) as { format: string };
  };

  it("of a sign-in is a receipt for everybody: the record holds what was not let go", async () => {
    const receipt = EvidenceReceipt.parse(await read(signedIn.evidenceId!, "bank"));
    expect(receipt).toMatchObject({ kind: "sign_in", requestId: signedIn.requestId });
  });

  it("of a card signature is the file for who may have certificates, a receipt for others", async () => {
    expect((await read(signed.evidenceId!, "bank")).format).toBe("xid-evidence-v1");
    expect((await read((await sign("shop")).evidenceId!, "shop")).format).toBe("xid-evidence-receipt-v1");
  });
});

describe("the reference", () => {
  it("is made of the routes, as OpenAPI 3.1 and as a page without scripts", async () => {
    const document = (await (await call("/openapi.json")).json()) as { openapi: string; paths: object };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(apiRoutes.map(({ path }) => path));
    const page = await (await call("/docs")).text();
    for (const { path } of apiRoutes) expect(page).toContain(`/v1${path}`);
    expect(page).not.toContain("<script");
  });

  it("is there for everybody, as are no other routes", async () => {
    expect((await call("/requests")).status).toBe(404);
  });
});
