import { hash, randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { testPdf } from "@xid/pki/testing";
import {
  attributeNames,
  ClientEvidence,
  ClientRecord,
  fromBase64url,
  RequestResult,
  WaitingHandOver,
} from "@xid/protocol";
import { Hono } from "hono";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { sql } from "kysely";
import type Provider from "oidc-provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unlinkService } from "../consent/unlink.ts";
import { startIdentityCheck, workOnIdentityChecks } from "../continuity/identity-check.ts";
import { refreshIdentities } from "../continuity/refresh-identities.ts";
import { storeDocument } from "../document/store-document.ts";
import { recordEvent } from "../events/record-event.ts";
import type { Caller } from "../http/caller.ts";
import { apiProblemCodes } from "../http/problem.ts";
import { apiAudience, authenticateByToken } from "../oidc/access-token.ts";
import { loadProviderKeys } from "../oidc/keys.ts";
import { findClients } from "../oidc/known-client.ts";
import { createProvider } from "../oidc/provider.ts";
import { Subjects } from "../oidc/subjects.ts";
import { readRequest } from "../request/engine.ts";
import type { Request as XidRequest } from "../request/request.ts";
import { createOidcAdapter } from "../store/oidc-adapter.ts";
import { type Resident, type TestDevice, TestWorld } from "../test-world.ts";
import { relyingPartyApi } from "./api.ts";
import { claimedFor } from "./idempotent-call.ts";
import type { ApiRoute } from "./route.ts";
import { apiRoutes } from "./routes.ts";

type TokenParts = {
  kind: Caller["token"];
  clientId: string;
  accountId: string;
  scope: string;
  aud: string;
  jkt: string;
  expiresIn: number;
};

let world: TestWorld;
let provider: Provider;
let subjects: Subjects;
let api: Hono;
let device: TestDevice;
let resident: Resident;
let stranger: TestDevice;
let signed: XidRequest;
/** Somebody whom the bank knows by this, and who has moved. */
let subject: string;
let moverName: string;
let signedIn: XidRequest;
let handedOver: XidRequest;
let collected: XidRequest;

const scheme = (kind: string, token: string) => ({ authorization: `${kind} ${token}` });

beforeAll(async () => {
  world = await TestWorld.start();
  const { platform, test } = world;
  const keys = await loadProviderKeys(`${platform.config.dataDirectory}/keys`);
  provider = createProvider(platform, test, keys);
  subjects = new Subjects(platform, keys.pairwise);
  api = new Hono().route(
    "/v1",
    relyingPartyApi(platform, authenticateByToken(provider, findClients(provider, subjects))),
  );
  const clients = createOidcAdapter({ ...test, ...platform })("Client");
  for (const [clientId, host, receives] of [
    ["bank", "bank.example", true],
    ["bank-branch", "bank.example", true],
    ["shop", "shop.example", false],
  ] as const) {
    const metadata = {
      client_id: clientId,
      client_name: clientId,
      client_secret: "s".repeat(43),
      redirect_uris: [`https://${host}/callback`],
      xid_receives_certificates: receives,
    };
    await clients.upsert(clientId, metadata, 1e6);
  }
  [{ device, resident }, { device: stranger }] = [await world.enrolled(), await world.enrolled()];
  await enrolMover();
  signed = await sign("bank");
  const request = await world.request();
  await device.approve(request, ["name"]);
  signedIn = (await readRequest(platform, request.requestId))!;
  [handedOver, collected] = [await handOver(), await handOver()];
}, 120_000);
afterAll(() => world.close());

/** A check of the bank's that is done. */
async function checked(): Promise<string> {
  const { check_id } = await startIdentityCheck(world.platform, { clientId: "bank", checkId: randomUUID() }, "all");
  await workOnIdentityChecks(world.platform);
  return check_id;
}

/** Who lets the bank be told of changes, and has moved since. */
async function enrolMover(): Promise<void> {
  const { device: moving, resident: mover } = await world.enrolled();
  const display = await moving.open(await world.request({ latestAttributes: true }));
  await moving.client.approveRequest(display, ["name", "address"], "app_pin", {}, { latestAttributes: true });
  const { accountId } = moving.ids;
  await subjects.remember((await provider.Client.find("bank"))!, accountId);
  await world.happens(mover, { type: "move", address: "高松市" });
  await world.happens(mover, { type: "reissue-signature" });
  await refreshIdentities(world.platform, [accountId]);
  subject = subjects.of((await provider.Client.find("bank"))!, accountId);
  moverName = mover.name;
}

/** As if the consent had never been ended. */
async function allowsChanges(): Promise<void> {
  await world.platform.database.updateTable("continuous_consents").set({ ended_at: null }).execute();
}

async function sign(clientId: string): Promise<XidRequest> {
  const request = await world.signatureRequest({ text: "預金契約書\n第1条 …" }, { clientId });
  const display = await device.open(request);
  await device.client.approveRequest(display, [], "app_pin", { card: await device.signWithCard(display, resident) });
  return (await readRequest(world.platform, request.requestId))!;
}

/** A My Number that waits for the bank. */
async function handOver(): Promise<XidRequest> {
  const { x, y } = await exportJWK((await generateKeyPair("ECDH-ES", { crv: "P-256" })).publicKey);
  const request = await world.myNumberRequest({ kty: "EC", crv: "P-256", use: "enc", x: x!, y: y! });
  const display = await device.open(request);
  await device.client.approveRequest(display, [], "app_pin", { handOver: await device.handOver(display, resident) });
  return (await readRequest(world.platform, request.requestId))!;
}

/** A document of the bank's that nobody has signed. */
async function handedIn(): Promise<{ id: string }> {
  const document = { clientId: "bank", documentId: randomUUID(), name: "契約書.pdf", pdf: testPdf(), days: 1 };
  return { id: (await storeDocument(world.platform, document)).documentId };
}

async function tokenFor(parts: Partial<TokenParts> = {}): Promise<string> {
  const { kind = "person", clientId = "bank", accountId = device.ids.accountId, expiresIn, ...rest } = parts;
  const client = (await provider.Client.find(clientId))!;
  const token =
    kind === "client"
      ? new provider.ClientCredentials({ client, scope: "", ...rest } as never)
      : new provider.AccessToken({
          client,
          ...(await granted({ accountId, clientId })),
          scope: "openid",
          ...rest,
        } as never);
  if (kind === "client") Object.assign(token, { aud: rest.aud ?? apiAudience(provider.issuer) });
  return (expiresIn === undefined ? token : Object.assign(token, { expiresIn })).save();
}

async function granted(of: { accountId: string; clientId: string }) {
  return { ...of, grantId: await new provider.Grant(of).save(), gty: "authorization_code" };
}

type Sent = { method?: string; body?: BodyInit };

function call(
  path: string,
  headers: Record<string, string> = {},
  sent: Sent = {},
  remoteAddress = "127.0.0.1",
): Promise<Response> {
  const bindings = { incoming: { socket: { remoteAddress }, headers: {} } } as unknown as HttpBindings;
  const request = new Request(`${world.platform.config.issuer}/v1${path}`, { headers, ...sent });
  return Promise.resolve(api.fetch(request, bindings));
}

/** What a route is asked for: something of the bank's that exists, and that the right caller gets. */
type Asked = {
  /** What stands in the braces of the path. */
  parameters?: Record<string, string>;
  query?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: object | Buffer;
  /** Something of the bank's that the answer holds, and that no answer to others may hold; null where each makes its own. */
  mine: string | null;
};

const thisYear = { from: "2026-01-01T00:00:00Z", to: "2036-01-01T00:00:00Z" };

/** For every route of the table: the compiler does not ask, the tests below do. */
const asked: Record<string, () => Asked | Promise<Asked>> = {
  getRequest: () => ({ parameters: { id: signed.requestId }, mine: signed.requestId }),
  getHandOver: () => ({ parameters: { id: handedOver.requestId }, mine: handedOver.evidenceId! }),
  deleteHandOver: () => ({ parameters: { id: collected.requestId }, mine: collected.evidenceId! }),
  createDocument: () => ({ query: { name: "契約書.pdf" }, body: testPdf(), mine: "" }),
  planSigning: async () => ({ parameters: await handedIn(), body: { level: "B-LT" }, mine: '"B-LT"' }),
  getDocument: async () => ({ parameters: await handedIn(), mine: "契約書.pdf" }),
  getDocumentContent: async () => ({ parameters: await handedIn(), mine: "%PDF" }),
  deleteDocument: async () => ({ parameters: await handedIn(), mine: "" }),
  getEvidence: () => ({ parameters: { id: signed.evidenceId! }, mine: '"xid-evidence-v1"' }),
  getEvidenceRecords: () => ({ query: thisYear, mine: signed.evidenceId! }),
  getEvidenceRecordsCsv: () => ({ query: thisYear, mine: signed.evidenceId! }),
  getEvidenceRecordsPdf: () => ({ query: thisYear, mine: "/Author (bank)" }),
  getRelationship: () => ({ parameters: { sub: subject }, mine: subject }),
  putRelationship: () => ({ parameters: { sub: subject }, body: { endedAt: null, legalHold: null }, mine: subject }),
  getIdentity: () => ({ parameters: { sub: subject }, mine: subject }),
  startIdentityCheck: () => ({ body: { subs: [subject] }, mine: '"notLinked":[]' }),
  getIdentityCheck: async () => ({ parameters: { id: await checked() }, mine: "done" }),
  getIdentityCheckResults: async () => ({ parameters: { id: await checked() }, mine: subject }),
  getLatestAttributes: async () => {
    await allowsChanges();
    return { parameters: { sub: subject }, query: { purpose: "口座のお客さま情報の更新" }, mine: moverName };
  },
  endContinuousConsent: async () => {
    await allowsChanges();
    return { parameters: { sub: subject }, mine: "" };
  },
  getAttributeChanges: async () => {
    await allowsChanges();
    return { mine: subject };
  },
  listEvents: async () => ({ query: { limit: "100" }, mine: await happened() }),
  getEvent: async () => {
    const id = await happened();
    return { parameters: { id }, mine: id };
  },
  listWebhookEndpoints: async () => ({ mine: (await endpoint()).id }),
  createWebhookEndpoint: () => ({ body: { ...webhook, events: ["card.lost"] }, mine: null }),
  getWebhookEndpoint: async () => ofEndpoint(),
  changeWebhookEndpoint: async () => {
    const { id } = await endpoint();
    const body = { url: "https://bank.example/other", events: ["card.lost"], description: "", enabled: true };
    return { parameters: { id }, body, mine: id };
  },
  deleteWebhookEndpoint: async () => ofEndpoint(),
  rotateWebhookSecret: async () => ofEndpoint({}),
  sendTestEvent: async () => ofEndpoint({}),
  replayEvents: async () => ({ ...(await ofEndpoint({ since: "2026-01-01T00:00:00Z" })), mine: "events" }),
  listWebhookDeliveries: async () => ({ mine: await happened() }),
  getWebhookDelivery: async () => {
    const id = `${await happened()}.${(await endpoint()).id}`;
    return { parameters: { id }, mine: id };
  },
  pollSecurityEvents: async () => {
    const { id } = await createEndpoint("set_poll");
    return { parameters: { id }, body: {}, mine: "sets" };
  },
};

function mediaTypeOf({ body }: ApiRoute): string {
  return body?.form === "bytes" ? body.mediaTypes[0] : "application/json";
}

const webhook = {
  form: "webhook",
  url: "https://bank.example/hook",
  events: ["card.lost", "consent.withdrawn"],
} as const;

/** One endpoint of the bank's, made when it is first needed and not deleted since. */
async function endpoint(): Promise<{ id: string }> {
  const { rows } = await sql<{ id: string }>`
    SELECT endpoint_id AS id FROM webhook_endpoints WHERE client_id = 'bank' AND form = 'webhook'
      AND 'consent.withdrawn' = ANY (event_types) LIMIT 1`.execute(world.platform.database);
  return rows[0] ?? createEndpoint("webhook");
}

async function createEndpoint(form: "webhook" | "set_poll"): Promise<{ id: string }> {
  const body = form === "webhook" ? webhook : { form, events: ["card.lost"] };
  await world.platform.database.deleteFrom("webhook_endpoints").where("form", "=", form).execute();
  const token = await tokenFor({ kind: "client", scope: "webhooks" });
  const headers = { ...scheme("Bearer", token), "content-type": "application/json" };
  const response = await call("/webhook-endpoints", headers, { method: "POST", body: JSON.stringify(body) });
  return (await response.json()) as { id: string };
}

async function ofEndpoint(body?: object): Promise<Asked> {
  const { id } = await endpoint();
  return { parameters: { id }, ...(body && { body }), mine: id };
}

/** The id of an event of the bank's that is on its way to its endpoint. */
async function happened(): Promise<string> {
  await endpoint();
  const event = { clientId: "bank", accountId: null, type: "card.lost", data: {}, at: new Date() } as const;
  const { database } = world.platform;
  await recordEvent(database, event);
  const newest = database.selectFrom("events").select("event_id").orderBy("created_at", "desc");
  return (await newest.where("type", "=", "card.lost").executeTakeFirstOrThrow()).event_id;
}

async function ask(route: ApiRoute, headers: Record<string, string>, changed: Partial<Asked> = {}) {
  const { parameters = {}, query, body, mine } = { ...(await asked[route.name]!()), ...changed };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name) => parameters[name]!);
  const sent = Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body);
  const response = await call(
    query ? `${path}?${new URLSearchParams(query)}` : path,
    body ? { "content-type": mediaTypeOf(route), ...headers } : headers,
    { method: route.method.toUpperCase(), ...(body && { body: sent as BodyInit }) },
  );
  return { response, mine };
}

const rows = apiRoutes.flatMap((route) =>
  Object.entries(route.access).map(
    ([kind, scope]) =>
      [`${route.method} ${route.path} with a token of the ${kind}`, route, kind as Caller["token"], scope] as const,
  ),
);

it("has an idempotency key for every post but those that make nothing new", () => {
  const without = apiRoutes.filter(({ method, creates }) => method === "post" && !creates).map(({ name }) => name);
  expect(without.sort()).toEqual(["pollSecurityEvents", "replayEvents"]);
});

it("knows for every route what to ask it for", () => {
  expect(Object.keys(asked).sort()).toEqual(apiRoutes.map(({ name }) => name).sort());
});

describe.each(rows)("%s", (_, route, kind, scope) => {
  const token = (parts: Partial<TokenParts> = {}) => tokenFor({ kind, scope, ...parts });
  const other = kind === "person" ? "client" : "person";

  it("answers the relying party, and says how many calls are left", async () => {
    const { response, mine } = await ask(route, scheme("Bearer", await token()));
    const text = await response.text();
    expect([response.status, text]).toEqual([route.answer === null ? 204 : (route.status ?? 200), expect.anything()]);
    if (route.answer && "safeParse" in route.answer) {
      expect(route.answer.safeParse(JSON.parse(text)).error).toBeUndefined();
      expect(text.includes(mine ?? "")).toBe(true);
    }
    expect(Number(response.headers.get("ratelimit-remaining"))).toBeLessThan(
      Number(response.headers.get("ratelimit-limit")),
    );
    expect(response.headers.get("ratelimit-reset")).toMatch(/^\d+$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it.each<[string, number, string, () => Promise<Record<string, string>>]>([
    ["no token", 401, "TOKEN_INVALID", async () => ({})],
    ["another scheme", 401, "TOKEN_INVALID", async () => scheme("Basic", await token())],
    ["a token that was never given out", 401, "TOKEN_INVALID", async () => scheme("Bearer", "x".repeat(43))],
    [
      "a token without the scope",
      403,
      "SCOPE_INSUFFICIENT",
      async () => scheme("Bearer", await token({ scope: "name" })),
    ],
    [
      "a token for another audience",
      401,
      "TOKEN_INVALID",
      async () => scheme("Bearer", await token({ aud: "https://other.example" })),
    ],
    ["an expired token", 401, "TOKEN_INVALID", async () => scheme("Bearer", await token({ expiresIn: -1 }))],
    [
      "a revoked token",
      401,
      "TOKEN_INVALID",
      async () => {
        const value = await token();
        const found = kind === "person" ? provider.AccessToken.find(value) : provider.ClientCredentials.find(value);
        await (await found)?.destroy();
        return scheme("Bearer", value);
      },
    ],
    [
      "a token bound to a key, without its proof",
      401,
      "DPOP_PROOF_INVALID",
      async () => scheme("DPoP", await token({ jkt: "k" })),
    ],
    ["a bound token as if it were none", 401, "TOKEN_INVALID", async () => scheme("Bearer", await token({ jkt: "k" }))],
    ["a free token as if it were bound", 401, "TOKEN_INVALID", async () => scheme("DPoP", await token())],
    ...(other in route.access
      ? []
      : ([
          [
            "a token of the other kind, even with the scope",
            401,
            "TOKEN_INVALID",
            async () => scheme("Bearer", await token({ kind: other })),
          ],
        ] as never)),
    ...(kind === "client"
      ? []
      : ([
          [
            "the token of a service that was unlinked",
            401,
            "TOKEN_INVALID",
            async () => {
              const value = await token();
              await unlinkService(world.platform, device.ids.accountId, "bank");
              return scheme("Bearer", value);
            },
          ],
        ] as never)),
  ])("refuses %s", async (_case, status, code, headers) => {
    const { response } = await ask(route, await headers());
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    expect(response.headers.has("www-authenticate")).toBe(true);
    // Who is known is told what is left, also when refused.
    expect(response.headers.has("ratelimit-remaining")).toBe(status === 403);
  });

  it.each<[string, Partial<TokenParts>]>([
    ["another client", { clientId: "shop" }],
    ["another client of the same host", { clientId: "bank-branch" }],
    ...(kind === "person" ? ([["another person", { accountId: "stranger" }]] as never) : []),
  ])("keeps what is the bank's from %s", async (_case, { accountId, ...parts }) => {
    const value = await token({ ...parts, ...(accountId && { accountId: stranger.ids.accountId }) });
    const { response, mine } = await ask(route, scheme("Bearer", value));
    const text = await response.text();
    if (route.parameters) expect([response.status, JSON.parse(text).code]).toEqual([404, "NOT_FOUND"]);
    // What makes something new makes it for whoever asks.
    else if (mine) expect(text.includes(mine)).toBe(false);
  });

  if (route.parameters) {
    it("finds nothing under an id that is none", async () => {
      const parameters = Object.fromEntries(Object.keys(route.parameters!.shape).map((name) => [name, "a%20b"]));
      const { response } = await ask(route, scheme("Bearer", await token()), { parameters });
      expect(response.status).toBe(404);
    });
  }

  if (route.query) {
    it("refuses a query that it does not know", async () => {
      const { response } = await ask(route, scheme("Bearer", await token()), { query: { unheard: "of" } });
      expect(await codeIn(response)).toBe("REQUEST_INVALID");
    });
  }

  if (route.creates) {
    it("creates one thing under one idempotency key: at once, again, and after the first was cut off", async () => {
      const sent = await asked[route.name]!();
      const headers = { ...scheme("Bearer", await token()), "idempotency-key": `"${randomUUID()}"` };
      const again = () => ask(route, headers, sent).then(({ response }) => response);
      const atOnce = await Promise.all([again(), again(), again()]);
      const answers = atOnce.filter(({ status }) => status === (route.status ?? 200));
      expect(atOnce.filter(({ status }) => status === 409)).toHaveLength(3 - answers.length);
      const [first] = await Promise.all(answers.map((answer) => answer.text()));
      const later = await again();
      expect([await later.text(), later.headers.get("idempotency-replayed")]).toEqual([first, "true"]);
      const { database } = world.platform;
      await database.updateTable("idempotent_calls").set({ answer_sealed: null }).execute();
      const unheard = await world.later(claimedFor, again);
      expect([await unheard.text(), unheard.headers.get("idempotency-replayed")]).toEqual([first, null]);
      const other = await ask(route, { ...headers, "content-type": `${mediaTypeOf(route)}; charset=utf-8` }, sent);
      expect(await codeIn(other.response)).toBe("IDEMPOTENCY_KEY_REUSED");
    });
  }

  const { body } = route;
  if (body) {
    it("refuses a body that is too large, announced or not, of another media type, or in another form", async () => {
      const headers = scheme("Bearer", await token());
      const maxSize = body.maxSize ?? 65_536;
      const large = Buffer.alloc(maxSize + 1, " ");
      expect(await codeIn((await ask(route, headers, { body: large })).response)).toBe("PAYLOAD_TOO_LARGE");
      const announced = { ...headers, "content-length": String(maxSize + 1) };
      expect(await codeIn((await ask(route, announced)).response)).toBe("PAYLOAD_TOO_LARGE");
      const otherType = { ...headers, "content-type": "text/csv" };
      expect(await codeIn((await ask(route, otherType)).response)).toBe("UNSUPPORTED_MEDIA_TYPE");
      if (body.form === "bytes") return;
      for (const wrong of [Buffer.from("{"), Buffer.from("null"), { unheard: "of" }]) {
        expect(await codeIn((await ask(route, headers, { body: wrong })).response)).toBe("REQUEST_INVALID");
      }
    });
  }
});

const codeIn = async (response: Response) => ((await response.json()) as { code?: string }).code;

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
  const codeOf = async (headers: Record<string, string>) => codeIn(await call(path(), headers));

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
  const answers = await Promise.all(Array.from({ length: 40 }, () => call("/requests/x", {}, {}, "192.0.2.7")));
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

  it("of a hand-over is a receipt: which envelope, what for, and when it was picked up", async () => {
    const request = await handOver();
    const path = `/requests/${request.requestId}/hand-over`;
    const headers = scheme("Bearer", await tokenFor());
    const waiting = WaitingHandOver.parse(await (await call(path, headers)).json());
    const { purpose, lawVersion, envelopeDigest } = waiting;
    const receipt = { purpose, lawVersion, envelopeDigest };
    expect(await read(request, "bank")).toMatchObject({
      handOver: { ...receipt, state: "waiting", collectedAt: null },
    });
    for (let time = 0; time < 2; time++) expect((await call(path, headers, { method: "DELETE" })).status).toBe(204);
    expect(await codeIn(await call(path, headers))).toBe("HAND_OVER_GONE");
    const result = await read(request, "bank");
    expect(result).toMatchObject({ handOver: { ...receipt, state: "collected" } });
    expect(JSON.stringify(result)).not.toContain(waiting.envelope);
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

  const disclosed = (value: unknown) => {
    const { record, disclosures } = ClientEvidence.parse(value);
    const said = ClientRecord.parse(JSON.parse(Buffer.from(fromBase64url(record)).toString("utf8")));
    return { said, names: disclosures.map(({ name }) => name), disclosures };
  };

  it("of a sign-in is what was let go and no more, with the certificate only for who may have it", async () => {
    const bank = disclosed(await read(signedIn.evidenceId!, "bank"));
    expect(bank.said).toMatchObject({ kind: "sign_in", requestId: signedIn.requestId, items: [{ name: "name" }] });
    // The certificate would tell what was not let go.
    expect(bank.names).toEqual(["name", "method"]);
    expect(bank.disclosures[1]!.value).toMatchObject({ letter: "ワ", lawVersion: "2025-06-24" });
    const everything = await world.request({ items: attributeNames.map((name) => ({ name, required: true })) });
    await device.approve(everything);
    const known = (await readRequest(world.platform, everything.requestId))!;
    expect(disclosed(await read(known.evidenceId!, "bank")).names).toEqual([
      ...attributeNames,
      "certificate",
      "method",
    ]);
    const request = await world.request({ clientId: "shop" });
    await device.approve(request, ["name"]);
    const { evidenceId } = (await readRequest(world.platform, request.requestId))!;
    const file = await read(evidenceId!, "shop");
    expect(disclosed(file).names).toEqual(["name"]);
    for (const { serial } of resident.card.certificates) expect(JSON.stringify(file)).not.toContain(serial);
    expect(JSON.stringify(file)).not.toContain(device.ids.accountId);
  });

  it("of a card signature is the whole record for who may have certificates, and what was received for others", async () => {
    expect((await read(signed.evidenceId!, "bank")).format).toBe("xid-evidence-v1");
    const shop = disclosed(await read((await sign("shop")).evidenceId!, "shop"));
    expect(shop).toMatchObject({ said: { kind: "card_signature", basis: "card" }, names: [] });
  });
});

describe("a route that will end", () => {
  const deprecated = {
    since: new Date("2027-01-01T00:00:00Z"),
    sunset: new Date("2028-01-01T00:00:00Z"),
    link: "https://id.example/v1/docs#next",
  };

  it("says so in every answer, also where it refuses (RFC 9745, RFC 8594)", async () => {
    const authenticate = authenticateByToken(provider, findClients(provider, subjects));
    const old = relyingPartyApi(world.platform, authenticate, [{ ...apiRoutes[0]!, deprecated }]);
    const told = async (headers: Record<string, string>) => {
      const bindings = { incoming: { socket: { remoteAddress: "127.0.0.1" }, headers: {} } } as unknown as HttpBindings;
      const response = await old.fetch(new Request(`http://x/requests/${signed.requestId}`, { headers }), bindings);
      return ["status", "deprecation", "sunset", "link"].map((name) =>
        name === "status" ? response.status : response.headers.get(name),
      );
    };
    const headers = [
      `@${Date.parse("2027-01-01T00:00:00Z") / 1000}`,
      "Sat, 01 Jan 2028 00:00:00 GMT",
      '<https://id.example/v1/docs#next>; rel="deprecation"; type="text/html"',
    ];
    expect(await told(scheme("Bearer", await tokenFor()))).toEqual([200, ...headers]);
    expect(await told({})).toEqual([401, ...headers]);
    const document = (await (await old.request("/openapi.json")).json()) as { paths: Record<string, { get: object }> };
    expect(document.paths[apiRoutes[0]!.path]!.get).toMatchObject({ deprecated: true });
  });
});

describe("the reference", () => {
  it("is made of the routes, as OpenAPI 3.1 and as a page without scripts", async () => {
    const document = (await (await call("/openapi.json")).json()) as { openapi: string; paths: object };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual([...new Set(apiRoutes.map(({ path }) => path))]);
    const page = await (await call("/docs")).text();
    for (const { path } of apiRoutes) expect(page).toContain(`/v1${path}`);
    expect(page).not.toContain("<script");
  });

  it("leads to the error book, which has every problem", async () => {
    const page = await (await call("/errors")).text();
    for (const code of apiProblemCodes) expect(page).toContain(`<section id="${code}"`);
    expect(page).not.toContain("<script");
  });

  it("is there for everybody, as are no other routes", async () => {
    expect((await call("/requests")).status).toBe(404);
  });
});
