import { randomUUID } from "node:crypto";
import { type EventType, eventTypes } from "@xid/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unlinkService } from "../consent/unlink.ts";
import { announceExpired } from "../request/expire.ts";
import { maxWrongCodes } from "../request/open.ts";
import { transaction } from "../store/database.ts";
import { type Resident, type TestDevice, TestWorld } from "../test-world.ts";
import { eventId } from "./event-id.ts";
import { recordEvent } from "./record-event.ts";

let world: TestWorld;
let device: TestDevice;
let resident: Resident;
beforeAll(async () => {
  world = await TestWorld.start();
  ({ device, resident } = await world.enrolled());
}, 120_000);
afterAll(() => world.close());

beforeEach(async () => {
  for (const table of ["events", "deliveries", "webhook_endpoints"] as const) {
    await world.platform.database.deleteFrom(table).execute();
  }
});

async function endpoint(clientId: string, types: readonly EventType[] = eventTypes): Promise<string> {
  const endpointId = randomUUID();
  await world.platform.database
    .insertInto("webhook_endpoints")
    .values({
      client_id: clientId,
      endpoint_id: endpointId,
      form: "webhook",
      url: "https://bank.example/hook",
      description: "",
      event_types: [...types],
      keys_sealed: Buffer.of(),
      created_at: new Date(),
    } as never)
    .execute();
  return endpointId;
}

const events = () => world.platform.database.selectFrom("events").selectAll().orderBy("event_id").execute();
const deliveries = () => world.platform.database.selectFrom("deliveries").selectAll().execute();

describe("an event", () => {
  it("of an approval is written with it, once, also when the approval comes again, and is on its way to every endpoint", async () => {
    const endpoints = [await endpoint("bank"), await endpoint("bank", ["request.approved"])];
    const request = await world.request();
    const display = await device.open(request);
    await Promise.all(Array.from({ length: 3 }, () => device.client.approveRequest(display, ["name"], "app_pin")));
    expect(await events()).toMatchObject([
      {
        client_id: "bank",
        type: "request.approved",
        account_id: device.ids.accountId,
        data: { requestId: request.requestId, kind: "sign_in" },
      },
    ]);
    expect((await deliveries()).map(({ endpoint_id }) => endpoint_id).sort()).toEqual(endpoints.sort());
  });

  it("is not written where nobody wants to know it", async () => {
    await endpoint("shop");
    await endpoint("bank", ["card.lost"]);
    await device.approve(await world.request(), ["name"]);
    expect(await events()).toEqual([]);
  });

  it("is kept, but not delivered, while the endpoint is off", async () => {
    await endpoint("bank");
    await world.platform.database.updateTable("webhook_endpoints").set({ disabled_at: new Date() }).execute();
    await device.approve(await world.request(), ["name"]);
    expect([(await events()).length, (await deliveries()).length]).toEqual([1, 0]);
  });

  it("of a refusal does not say who refused", async () => {
    await endpoint("bank");
    const request = await world.request();
    const display = await device.open(request);
    await device.client.declineRequest(display.requestId);
    await device.client.declineRequest(display.requestId);
    expect(await events()).toMatchObject([{ type: "request.declined", account_id: null }]);
  });

  it("comes from a request that ends with wrong codes", async () => {
    await endpoint("bank");
    const request = await world.request();
    for (let tries = 0; tries < maxWrongCodes; tries++) {
      await device.client.openRequest(request.requestId, { via: "qr", code: "wrong" }).catch(() => undefined);
    }
    expect(await events()).toMatchObject([{ type: "request.failed", account_id: null }]);
  });

  it("comes once from a request whose time is over, whoever looks", async () => {
    await endpoint("bank");
    const request = await world.request();
    await world.request({ clientId: "shop" });
    await world.later(world.platform.config.requestLifetime * 1000, () =>
      Promise.all(Array.from({ length: 4 }, () => announceExpired(world.platform, new Date(0)))),
    );
    const of = (await events()).filter(({ data }) => "requestId" in data && data.requestId === request.requestId);
    expect(of).toMatchObject([{ type: "request.expired", client_id: "bank", account_id: null }]);
    expect((await events()).map(({ client_id }) => client_id)).not.toContain("shop");
  });

  it("comes once from an unlink", async () => {
    await device.approve(await world.request(), ["name"]);
    await endpoint("bank");
    await unlinkService(world.platform, device.ids.accountId, "bank");
    await unlinkService(world.platform, device.ids.accountId, "bank");
    expect(await events()).toMatchObject([{ type: "consent.withdrawn", account_id: device.ids.accountId }]);
  });

  it("of a new device goes to every linked service, under ids that do not tell them it is the same person", async () => {
    const { device: first, resident: person } = await world.enrolled();
    for (const clientId of ["bank", "shop"]) {
      await endpoint(clientId);
      await first.approve(await world.request({ clientId }), ["name"]);
    }
    await endpoint("stranger");
    await first.enrol(person);
    await world.platform.database.deleteFrom("events").execute();
    await world.device().enrol(person, "keep");
    expect((await events()).map(({ client_id, type }) => `${client_id} ${type}`).sort()).toEqual([
      "bank device.changed",
      "shop device.changed",
    ]);
    await world.device().enrol(person, "replace");
    const all = await events();
    expect(all.map(({ type }) => type).filter((type) => type === "account.recovered")).toHaveLength(2);
    expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(6);
  });

  it("is gone with what it would tell of", async () => {
    await endpoint("bank");
    const work = transaction(world.platform.database, async (tx) => {
      await recordEvent(tx, { clientId: "bank", accountId: null, type: "card.lost", data: {}, at: new Date() });
      throw new Error("killed");
    });
    await expect(work).rejects.toThrow("killed");
    expect(await events()).toEqual([]);
  });

  it("holds no attribute of a person", async () => {
    await endpoint("bank");
    await device.approve(await world.request(), ["name", "address"]);
    const text = JSON.stringify(await events());
    for (const value of [resident.name, resident.address, resident.birthdate]) expect(text).not.toContain(value);
  });
});

it("ids are UUIDs of version 7, later ones after earlier ones", () => {
  const ids = [1, 2_000, Date.now(), Date.now() + 1].map(eventId);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
