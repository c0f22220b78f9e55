import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EventType, type WebhookEndpointCreation, XidEvent } from "@xid/protocol";
import { createLocalJWKSet, type JWTVerifyResult, jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { presentEvent } from "../api/webhooks/present-event.ts";
import type { KnownClient } from "../http/known-client.ts";
import { loadProviderKeys } from "../oidc/keys.ts";
import type { Platform } from "../platform.ts";
import { TestWorld } from "../test-world.ts";
import { DeliveryWorker, delayAfter } from "./delivery-worker.ts";
import { createKey, publicKeyOf, secretOf, signDelivery } from "./endpoint-keys.ts";
import {
  changeEndpoint,
  createEndpoint,
  type Endpoint,
  findEndpoint,
  replay,
  rotateKey,
  sendTest,
} from "./endpoints.ts";
import { eventId } from "./event-id.ts";
import { deliveryPeriod, recordEvent } from "./record-event.ts";

type Received = { headers: Record<string, string>; body: string };

let world: TestWorld;
let receiver: Server;
let url: string;
let received: Received[];
let respond: (response: ServerResponse, request: IncomingMessage) => void;

beforeAll(async () => {
  world = await TestWorld.start();
  receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers as Record<string, string>, body });
    respond(response, request);
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
}, 120_000);
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await world.close();
});
beforeEach(() => {
  received = [];
  respond = (response) => response.writeHead(204).end();
});
afterEach(async () => {
  for (const table of ["events", "deliveries", "webhook_endpoints"] as const) {
    await world.platform.database.deleteFrom(table).execute();
  }
});

const clientOf = (clientId: string): KnownClient => ({
  clientId,
  receivesCertificates: false,
  people: {
    subjectOf: (accountId) => `${accountId}-at-${clientId}`,
    findLinked: async () => new Map(),
    findKnown: async () => new Map(),
  },
});

function workerOf(platform: Platform = world.platform): DeliveryWorker {
  return new DeliveryWorker(platform, (event) => presentEvent(platform, clientOf(event.client_id), event));
}

const events = EventType.options.filter((type) => type !== "webhook.test");

async function endpoint(creation: Partial<WebhookEndpointCreation> & { url?: string } = {}): Promise<Endpoint> {
  const ids = { clientId: "bank", endpointId: randomUUID() };
  const whole = { form: "webhook", url, events, description: "", signature: "v1", ...creation };
  return (await createEndpoint(world.platform, ids, whole as WebhookEndpointCreation))!;
}

function happens(type: "card.lost" | "account.recovered" = "card.lost", accountId: string | null = null) {
  const at = new Date(world.platform.clock());
  return recordEvent(world.platform.database, { clientId: "bank", accountId, type, data: {}, at });
}

const deliveries = () => world.platform.database.selectFrom("deliveries").selectAll().orderBy("event_id").execute();
const current = (of: Endpoint) => findEndpoint(world.platform, "bank", of.endpoint_id);

describe("a webhook", () => {
  it("carries the event, signed so that the library of the specification takes it", async () => {
    const { keys } = await endpoint();
    const accountId = randomUUID();
    await happens("account.recovered", accountId);
    expect(await workerOf().deliverDue()).toBe(1);
    const [{ headers, body }] = received as [Received];
    const judge = new Webhook(secretOf(keys[0]!)!);
    const event = XidEvent.parse(judge.verify(body, headers));
    expect(event).toMatchObject({ type: "account.recovered", subject: `${accountId}-at-bank`, data: {} });
    expect(headers["webhook-id"]).toBe(event.id);
    expect(() => judge.verify(body.replace("recovered", "lost"), headers)).toThrow();
    expect(() => judge.verify(body, { ...headers, "webhook-id": randomUUID() })).toThrow();
    expect(await deliveries()).toMatchObject([
      { state: "delivered", next_attempt_at: null, attempts: [{ status: 204, error: null }] },
    ]);
  });

  it("may be signed with Ed25519 instead, for receivers that keep no secret", async () => {
    const { keys } = await endpoint({ form: "webhook", signature: "v1a" });
    await happens();
    await workerOf().deliverDue();
    const [{ headers, body }] = received as [Received];
    const raw = Buffer.from(publicKeyOf(keys[0]!).replace("whpk_", ""), "base64");
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    const [version, signature] = headers["webhook-signature"]!.split(",") as [string, string];
    const content = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
    expect([version, await crypto.subtle.verify("Ed25519", key, Buffer.from(signature, "base64"), content)]).toEqual([
      "v1a",
      true,
    ]);
  });

  it("is signed with the old and the new secret while they overlap, and then with the new one only", async () => {
    const before = await endpoint();
    const ids = { clientId: "bank", endpointId: before.endpoint_id, rotationId: randomUUID() };
    const after = (await rotateKey(world.platform, ids, 3600))!;
    const [old, fresh] = [before.keys[0]!, after.keys[0]!].map((key) => new Webhook(secretOf(key)!)) as [
      Webhook,
      Webhook,
    ];
    await happens();
    await workerOf().deliverDue();
    const [during] = received as [Received];
    for (const judge of [old, fresh]) judge.verify(during.body, during.headers);
    await world.later(3_601_000, async () => {
      const signed = signDelivery((await current(before))!.keys.slice(0, 1), {
        id: "x",
        timestamp: Math.floor(Date.now() / 1000),
        body: "{}",
      });
      expect(signed.split(" ")).toHaveLength(1);
      await happens();
      await workerOf().deliverDue();
    });
    expect(received.at(-1)!.headers["webhook-signature"]!.split(" ")).toHaveLength(1);
  });

  it("of many is delivered once by four processes, and none is lost", async () => {
    await endpoint();
    for (let count = 0; count < 40; count++) await happens();
    const processes = Array.from({ length: 4 }, () => workerOf());
    for (let round = 0; round < 20; round++) await Promise.all(processes.map((process) => process.deliverDue()));
    expect(received).toHaveLength(40);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(40);
  });

  it("whose process was killed in the middle is taken by another one, under the same id", async () => {
    await endpoint();
    await happens();
    respond = () => undefined;
    const killed = workerOf();
    void killed.deliverDue();
    await expect.poll(() => received.length).toBe(1);
    respond = (response) => response.writeHead(204).end();
    expect(await workerOf().deliverDue()).toBe(0);
    await world.later(61_000, () => workerOf().deliverDue());
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await deliveries()).toMatchObject([{ state: "delivered" }]);
    receiver.closeAllConnections();
  });
});

describe("a worker that runs", () => {
  it("delivers to others while one receiver is slow, and finishes what is under way when it is stopped", async () => {
    await endpoint({ url: `${url}/slow` });
    for (let count = 0; count < 20; count++) await happens();
    await endpoint({ url: `${url}/quick`, events: ["account.recovered"] });
    await happens("account.recovered");
    const slow: ServerResponse[] = [];
    let holding = true;
    const answer = (response: ServerResponse) => response.writeHead(204).end();
    const to = (path: string) => received.filter(({ headers }) => headers["x-path"] === path).length;
    respond = (response, request) => {
      received.at(-1)!.headers["x-path"] = request.url!.slice("/hook/".length);
      if (holding && request.url!.endsWith("slow")) slow.push(response);
      else answer(response);
    };
    const worker = workerOf();
    worker.start();
    await expect.poll(() => to("quick"), { timeout: 10_000 }).toBe(1);
    expect(to("slow")).toBeLessThan(8);
    const stopped = worker.stop();
    // What is on its way still comes, and is answered at once.
    holding = false;
    slow.forEach(answer);
    await stopped;
    const states = (await deliveries()).map(({ state }) => state);
    expect(states.filter((state) => state === "delivered")).toHaveLength(to("slow") + 1);
  });
});

describe("a receiver that does not take an event", () => {
  it.each<[string, (response: ServerResponse) => unknown, object]>([
    ["with an error", (response) => response.writeHead(500).end("x".repeat(100_000)), { status: 500, error: null }],
    [
      "but sends us on",
      (response) => response.writeHead(307, { location: `${url}/elsewhere` }).end(),
      { status: 307, error: null },
    ],
    ["but hangs up", (response) => response.destroy(), { status: null, error: "ECONNRESET" }],
  ])("%s is tried again later, and the attempt is on record", async (_, answer, attempt) => {
    await endpoint();
    await happens();
    respond = answer;
    await workerOf().deliverDue();
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ state: "pending", attempts: [attempt] });
    expect(received).toHaveLength(1);
    respond = (response) => response.writeHead(200).end();
    await world.later(60_000, () => workerOf().deliverDue());
    expect((await deliveries())[0]!.state).toBe("delivered");
  });

  it("is left alone as long as it asks", async () => {
    await endpoint();
    await happens();
    respond = (response) => response.writeHead(503, { "retry-after": "600" }).end();
    await workerOf().deliverDue();
    await world.later(599_000, () => workerOf().deliverDue());
    expect(received).toHaveLength(1);
    await world.later(601_000, () => workerOf().deliverDue());
    expect(received).toHaveLength(2);
  });

  it("is not asked for every waiting event in turn", async () => {
    await endpoint();
    for (let count = 0; count < 20; count++) await happens();
    respond = (response) => response.writeHead(500).end();
    await workerOf().deliverDue();
    expect(await workerOf().deliverDue()).toBe(0);
    expect(received.length).toBeLessThanOrEqual(4);
  });

  it("for three days is given up on and disabled, which its other endpoints are told", async () => {
    const failing = await endpoint({ events: ["card.lost"] });
    await endpoint({ events: ["webhook.disabled"] });
    await happens();
    respond = (response, request) => response.writeHead(request.url === "/hook" ? 500 : 200).end();
    await workerOf().deliverDue();
    expect((await current(failing))!.failing_since).not.toBeNull();
    await world.later(deliveryPeriod, async () => {
      await workerOf().deliverDue();
      expect(await current(failing)).toMatchObject({ disabled_because: "failing" });
      await happens();
      respond = (response) => response.writeHead(200).end();
      received = [];
      await workerOf().deliverDue();
    });
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: "webhook.disabled", data: { endpointId: failing.endpoint_id } },
    ]);
  });

  it("is disabled at once when it says that it is gone, and enabled again gets what was waiting", async () => {
    const gone = await endpoint();
    await happens();
    respond = (response) => response.writeHead(410).end();
    await workerOf().deliverDue();
    expect(await current(gone)).toMatchObject({ disabled_because: "gone" });
    respond = (response) => response.writeHead(200).end();
    await world.later(86_400_000, () => workerOf().deliverDue());
    expect(received).toHaveLength(1);
    await changeEndpoint(world.platform, "bank", gone.endpoint_id, { url, events, description: "", enabled: true });
    await workerOf().deliverDue();
    expect(received).toHaveLength(2);
    expect(await current(gone)).toMatchObject({ disabled_at: null, failing_since: null });
  });

  it("is not kept waiting for ever between two attempts, and is tried more than ten times", () => {
    const all: number[] = [];
    for (let time = 0; time < deliveryPeriod / 1000; time += all.at(-1)!) all.push(delayAfter(all.length, () => 0.5));
    expect(all.length).toBeGreaterThan(10);
    expect(Math.max(...all)).toBe(43_200);
  });
});

describe("a replay", () => {
  it("brings one event once more, or all since a time, also what happened while the endpoint was off", async () => {
    const hook = await endpoint();
    await happens();
    await workerOf().deliverDue();
    await changeEndpoint(world.platform, "bank", hook.endpoint_id, { url, events, description: "", enabled: false });
    await happens();
    await changeEndpoint(world.platform, "bank", hook.endpoint_id, { url, events, description: "", enabled: true });
    const first = received[0]!.headers["webhook-id"]!;
    expect(await replay(world.platform, hook, { event: first })).toBe(1);
    expect(await replay(world.platform, hook, { event: randomUUID() })).toBe(0);
    await workerOf().deliverDue();
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([first, first]);
    expect(await replay(world.platform, hook, { since: "2026-01-01T00:00:00Z" })).toBe(2);
    await workerOf().deliverDue();
    expect(received).toHaveLength(4);
  });

  it("reaches nothing of another relying party", async () => {
    await endpoint();
    const theirs = { clientId: "shop", endpointId: randomUUID() };
    const shop = (await createEndpoint(world.platform, theirs, {
      form: "webhook",
      url,
      events: ["card.lost"],
      description: "",
      signature: "v1",
    }))!;
    await happens();
    const [event] = await world.platform.database.selectFrom("events").selectAll().execute();
    expect(await replay(world.platform, shop, { event: event!.event_id })).toBe(0);
    expect(await replay(world.platform, shop, { since: "2026-01-01T00:00:00Z" })).toBe(0);
  });
});

it("a test event goes to its endpoint only", async () => {
  const [one] = [await endpoint({ url: `${url}/one` }), await endpoint({ url: `${url}/two` })];
  const id = eventId(Date.now());
  await sendTest(world.platform, one, id);
  await sendTest(world.platform, one, id);
  await workerOf().deliverDue();
  expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([{ id, type: "webhook.test", subject: null }]);
});

describe("a security event token", () => {
  it("is pushed as one, signed with the issuer's key", async () => {
    await endpoint({ form: "set_push" });
    const accountId = randomUUID();
    await happens("account.recovered", accountId);
    respond = (response) => response.writeHead(202).end();
    await workerOf().deliverDue();
    const [{ headers, body }] = received as [Received];
    expect(headers["content-type"]).toBe("application/secevent+jwt");
    const { jwks } = await loadProviderKeys(`${world.platform.config.dataDirectory}/keys`);
    const publicKeys = { keys: jwks.keys.map(({ d, p, q, dp, dq, qi, ...jwk }) => jwk) };
    const { issuer } = world.platform.config;
    const expected = { issuer, audience: "bank", typ: "secevent+jwt" };
    const { payload } = (await jwtVerify(body, createLocalJWKSet(publicKeys as never), expected)) as JWTVerifyResult;
    expect(payload).toMatchObject({
      sub_id: { format: "iss_sub", iss: issuer, sub: `${accountId}-at-bank` },
      events: { "https://schemas.openid.net/secevent/risc/event-type/recovery-activated": {} },
    });
    // RFC 8417 section 2.2, SSF 1.0 section 4.1.4: no claims that would make it pass for something else.
    for (const claim of ["exp", "sub", "nonce"]) expect(payload).not.toHaveProperty(claim);
  });

  it("that is refused is on record with the reason that the receiver gave", async () => {
    await endpoint({ form: "set_push" });
    await happens();
    const refusal = { err: "invalid_audience", description: "not ours" };
    respond = (response) => response.writeHead(400).end(JSON.stringify(refusal));
    await workerOf().deliverDue();
    expect(await deliveries()).toMatchObject([{ attempts: [{ status: 400, error: "invalid_audience" }] }]);
  });
});

describe("the secrets of an endpoint", () => {
  it("stand nowhere in the clear", async () => {
    const { keys } = await endpoint();
    const rows = await world.platform.database.selectFrom("webhook_endpoints").select("keys_sealed").execute();
    expect(rows[0]!.keys_sealed.includes(keys[0]!.secret)).toBe(false);
  });

  it("make the very signature of the specification", () => {
    const secret = Buffer.alloc(32, 7).toString("base64");
    const key = { ...createKey(randomUUID(), "v1"), secret };
    const timestamp = new Date(1_700_000_000_000);
    const header = signDelivery([key], { id: "msg_1", timestamp: 1_700_000_000, body: '{"a":1}' });
    expect(header).toBe(new Webhook(`whsec_${secret}`).sign("msg_1", timestamp, '{"a":1}'));
  });
});
