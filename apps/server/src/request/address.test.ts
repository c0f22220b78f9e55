import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listLinkedServices } from "../consent/linked-services.ts";
import { unlinkService } from "../consent/unlink.ts";
import { type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { addressedLimits } from "./address.ts";
import { readRequest, takeApproved } from "./engine.ts";

describe("a request that a service sends to a person whom it knows", () => {
  let world: TestWorld;
  let resident: Resident;
  let device: TestDevice;
  let stranger: TestDevice;

  beforeAll(async () => {
    world = await TestWorld.start();
    [{ resident, device }, { device: stranger }] = await Promise.all([world.enrolled(), world.enrolled()]);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.platform.database.deleteFrom("addressed_requests").execute();
    await device.client.unlinkService("bank").catch(() => undefined);
    await device.approve(await world.request());
  });

  const waiting = async (one = device) => (await one.client.waitingRequests()).requests;
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => "done",
      (error: { code: string }) => error.code,
    );

  it("waits in the app, shows what the service says, and is approved there like any other", async () => {
    const { requestId } = await world.addressed(device, { message: "振込 100,000円 ヤマダハナコ" });
    expect(await waiting()).toEqual([
      {
        requestId,
        kind: "sign_in",
        client: { clientId: "bank", name: { ja: "テスト銀行", en: "Test Bank" }, domain: "bank.example" },
        createdAt: expect.any(Number),
        expiresAt: expect.any(Number),
      },
    ]);
    const display = await device.open({ requestId });
    expect(display).toMatchObject({ via: "push", checkNumber: null, message: "振込 100,000円 ヤマダハナコ" });
    expect(await device.client.approveRequest(display, [], "app_pin")).toEqual({ state: "approved", returnTo: null });
    expect(await waiting()).toEqual([]);
  });

  it("keeps what the service says sealed", async () => {
    const { requestId } = await world.addressed(device, { message: "振込の確認です" });
    const { rows } = await sql<{ row: string }>`
      SELECT requests::text AS row FROM requests WHERE request_id = ${requestId}`.execute(world.platform.database);
    expect(rows[0]?.row).toContain(requestId);
    expect(rows[0]?.row).not.toContain(Buffer.from("振込の確認です").toString("hex"));
    expect(rows[0]?.row).not.toContain("振込の確認です");
  });

  it("is nobody else's: not listed, not opened by link or code, not declined", async () => {
    const { requestId } = await world.addressed(device);
    expect(await waiting(stranger)).toEqual([]);
    expect(await refusalOf(stranger.open({ requestId }))).toBe("NOT_FOUND");
    const code = "A".repeat(16);
    expect(await refusalOf(stranger.client.openRequest(requestId, { via: "qr", code }))).toBe("NOT_FOUND");
    expect(await refusalOf(stranger.client.declineRequest(requestId))).toBe("REQUEST_OF_ANOTHER_DEVICE");
    expect(await readRequest(world.platform, requestId)).toMatchObject({ state: "created", wrongCodes: 0 });
  });

  it("is one of the person's other devices' only until one of them has opened it", async () => {
    const second = world.device();
    await second.enrol(resident, "keep");
    const { requestId } = await world.addressed(device);
    expect([await waiting(), await waiting(second)]).toEqual([
      [expect.objectContaining({ requestId })],
      [expect.objectContaining({ requestId })],
    ]);
    await second.open({ requestId });
    expect(await waiting()).toEqual([]);
    expect(await refusalOf(device.open({ requestId }))).toBe("REQUEST_OF_ANOTHER_DEVICE");
    expect(await waiting(second)).toEqual([expect.objectContaining({ requestId })]);
  });

  it("is never taken as the approval of a browser's sign-in", async () => {
    const { requestId } = await world.addressed(device);
    await device.approve({ requestId });
    expect(await codeOf(takeApproved(world.platform, requestId))).toBe("WRONG_STATE");
  });

  it("needs that the person is linked with this service, at this moment", async () => {
    expect(await codeOf(world.addressed(stranger))).toBe("NOT_LINKED");
    expect(await codeOf(world.addressed(device, { clientId: "shop" }))).toBe("NOT_LINKED");
    await device.client.unlinkService("bank");
    expect(await codeOf(world.addressed(device))).toBe("NOT_LINKED");
  });

  it("goes when the person unlinks the service", async () => {
    const { requestId } = await world.addressed(device);
    await unlinkService(world.platform, device.ids.accountId, "bank");
    expect(await waiting()).toEqual([]);
    expect((await readRequest(world.platform, requestId))?.state).toBe("cancelled");
  });

  it("does not come from a service whose requests the person has blocked, until they let it again", async () => {
    await device.client.changeService("bank", { requestsBlocked: true });
    expect(await codeOf(world.addressed(device))).toBe("BLOCKED");
    const { services } = await listLinkedServices(world.platform, device.ids.accountId);
    expect(services).toMatchObject([{ clientId: "bank", requestsBlocked: true }]);
    await device.approve(await world.request());
    expect(await codeOf(world.addressed(device))).toBe("BLOCKED");
    await device.client.changeService("bank", { requestsBlocked: false });
    expect(await codeOf(world.addressed(device))).toBe("done");
    expect(await refusalOf(stranger.client.changeService("bank", { requestsBlocked: true }))).toBe("NOT_FOUND");
  });

  it("is one of three that may wait at a time; of many at once, too", async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => codeOf(world.addressed(device))));
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(addressedLimits.waiting);
    expect(outcomes.filter((outcome) => outcome === "TOO_MANY")).toHaveLength(8 - addressedLimits.waiting);
    expect(await waiting()).toHaveLength(addressedLimits.waiting);
  });

  it("is one of ten in an hour and thirty in a day, however they end", async () => {
    const day = 86_400_000;
    let sent = 0;
    const send = async () => {
      const outcome = await codeOf(world.addressed(device));
      const { database } = world.platform;
      await database.updateTable("requests").set({ state: "declined" }).where("via", "=", "push").execute();
      if (outcome === "done") sent++;
      return outcome;
    };
    for (let n = 0; n < 10; n++) expect(await send()).toBe("done");
    expect(await send()).toBe("TOO_MANY");
    await world.later(3_601_000, async () => {
      for (let n = 0; n < 10; n++) expect(await send()).toBe("done");
    });
    await world.later(7_202_000, async () => {
      for (let n = 0; n < 10; n++) expect(await send()).toBe("done");
    });
    await world.later(10_803_000, async () => expect(await send()).toBe("TOO_MANY"));
    expect(sent).toBe(30);
    await world.later(day + 10_803_000, async () => expect(await send()).toBe("done"));
  });

  it("sent again under the same id is the same request; under another's id it is refused", async () => {
    const first = await world.addressed(device);
    const again = await world.addressed(device, { requestId: first.requestId });
    expect(again.createdAt).toEqual(first.createdAt);
    expect(await waiting()).toHaveLength(1);
    await stranger.approve(await world.request());
    expect(await codeOf(world.addressed(stranger, { requestId: first.requestId }))).toBe("ID_TAKEN");
  });

  it("ends with its time", async () => {
    const { requestId } = await world.addressed(device);
    await world.later(301_000, async () => {
      expect(await waiting()).toEqual([]);
      expect(await refusalOf(device.open({ requestId }))).toBe("REQUEST_EXPIRED");
    });
  });
});
