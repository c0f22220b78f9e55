import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { readRequest, startRequest } from "./engine.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.close());

/** A person who has moved since their card was read, and has a new certificate by now unless told. */
async function mover(reissued = true): Promise<{ device: TestDevice; resident: Resident }> {
  const { device, resident } = await world.enrolled();
  await world.happens(resident, { type: "move", address: "高松市" });
  if (reissued) await world.happens(resident, { type: "reissue-signature" });
  return { device, resident };
}

async function refreshRequest() {
  const { requestId, asked } = await world.request();
  const { kind: _, ...common } = asked;
  return startRequest(world.platform, {
    requestId: `${requestId.slice(0, 20)}refresh`,
    clientId: "bank",
    asked: { ...common, kind: "identity_refresh" } as never,
  });
}

describe("a request to read the card again", () => {
  it("shows who asks before the card is read, cannot be approved before, and can with what the card says now", async () => {
    const { device, resident } = await mover();
    const request = await refreshRequest();
    const before = await device.open(request);
    if (before.kind !== "identity_refresh") throw new Error(before.kind);
    expect(before.refresh.cardRead).toBe(false);
    expect(await refusalOf(device.client.approveRequest(before, ["name"], "app_pin"))).toBe("CARD_NOT_READ");

    await device.enrol(resident, "keep");
    const after = await device.open(request);
    expect(after).toMatchObject({ kind: "identity_refresh", refresh: { since: before.refresh.since, cardRead: true } });
    expect(await device.client.approveRequest(after, ["name"], "app_pin")).toMatchObject({ state: "approved" });
    expect(await readRequest(world.platform, request.requestId)).toMatchObject({ state: "approved" });
  });

  it("is not met by a card that was read before it was opened", async () => {
    const { device } = await world.enrolled();
    const display = await device.open(await refreshRequest());
    expect(display).toMatchObject({ refresh: { cardRead: false } });
  });

  it("is not met by somebody else's card", async () => {
    const { device } = await world.enrolled();
    const request = await refreshRequest();
    await device.open(request);
    expect(await refusalOf(device.enrol(await world.resident(), "keep"))).toBe("OTHER_PERSON");
    expect(await device.open(request)).toMatchObject({ refresh: { cardRead: false } });
  });
});

describe("at a sign-in of a person who has moved", () => {
  it("the usual policy asks for the card in this very sign-in", async () => {
    const { device, resident } = await mover();
    const request = await world.request();
    expect(await refusalOf(device.open(request))).toBe("CERTIFICATE_REVOKED");
    await device.enrol(resident, "keep");
    expect(await device.approve(request, ["name"])).toMatchObject({ state: "approved" });
  });

  it("warn goes on, and both the person and the evidence are told", async () => {
    const { device } = await mover();
    const request = await world.request({ changePolicy: "warn" });
    const display = await device.open(request);
    expect(display.changed).toBe(true);
    expect(await device.client.approveRequest(display, ["name"], "app_pin")).toMatchObject({ state: "approved" });
  });

  it("warn does not let a lost card pass", async () => {
    const { device, resident } = await world.enrolled();
    await world.happens(resident, { type: "lose-card" });
    const request = await world.request({ changePolicy: "warn" });
    expect(await refusalOf(device.open(request))).toBe("CERTIFICATE_REVOKED");
  });

  it("warn says nothing where nothing has changed", async () => {
    const { device } = await world.enrolled();
    expect((await device.open(await world.request({ changePolicy: "warn" }))).changed).toBeUndefined();
  });

  it("block ends the request, and a new one goes on once the card was read", async () => {
    const { device, resident } = await mover();
    const request = await world.request({ changePolicy: "block" });
    expect(await refusalOf(device.open(request))).toBe("IDENTITY_CHANGED");
    expect(await readRequest(world.platform, request.requestId)).toMatchObject({
      state: "failed",
      failureCode: "IDENTITY_CHANGED",
    });
    await device.enrol(resident, "keep");
    expect(await device.approve(await world.request({ changePolicy: "block" }), ["name"])).toMatchObject({
      state: "approved",
    });
  });
});
