import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLatestAttributes } from "../attributes/latest-attributes.ts";
import { unlinkService } from "../consent/unlink.ts";
import { type Resident, type TestDevice, TestWorld } from "../test-world.ts";
import {
  type Checked,
  deleteExpiredChecks,
  readCheckResults,
  readIdentityCheck,
  startIdentityCheck,
  workOnIdentityChecks,
} from "./identity-check.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.close());

type Person = { accountId: string; device: TestDevice; resident: Resident };

async function linked(clientId: string): Promise<Person> {
  const { device, resident } = await world.enrolled();
  await device.approve(await world.request({ clientId }), ["name"]);
  return { accountId: device.ids.accountId, device, resident };
}

const start = (clientId: string, whom: Checked) =>
  startIdentityCheck(world.platform, { clientId, checkId: randomUUID() }, whom);

const statuses = async (check: { client_id: string; check_id: string }) =>
  (await readCheckResults(world.platform, check, { after: 0, limit: 1000 })).results.map(
    ({ accountId, status, reason }) => [accountId, status, reason],
  );

describe("a check of many people", () => {
  it("is about those who are linked with the client, and about nobody else", async () => {
    const [one, two, stranger] = [await linked("many"), await linked("many"), await linked("other")];
    await world.happens(two.resident, { type: "lose-card" });
    const all = await start("many", "all");
    const named = await start("many", {
      accountIds: [one.accountId, stranger.accountId],
    });
    expect([all.total, named.total, named.state]).toEqual([2, 1, "running"]);
    expect(await statuses(all)).toEqual([]);
    expect(await workOnIdentityChecks(world.platform)).toBe(2);
    expect((await statuses(all)).sort()).toEqual(
      [
        [one.accountId, "unchanged", null],
        [two.accountId, "changed", "lost"],
      ].sort(),
    );
    expect(await statuses(named)).toEqual([[one.accountId, "unchanged", null]]);
    expect(await readIdentityCheck(world.platform, "other", all.check_id)).toBeUndefined();
    await unlinkService(world.platform, two.accountId, "many");
    expect(await statuses(all)).toHaveLength(1);
  });

  it("of nobody is done at once", async () => {
    expect(await start("nobodys", "all")).toMatchObject({ state: "done", total: 0 });
  });

  it("goes on where a process that was killed stood", async () => {
    await Promise.all([linked("killed"), linked("killed")]);
    const check = await start("killed", "all");
    // As a process leaves it that is killed after its first batch: one of two is written, and counted with it.
    const { database } = world.platform;
    const first = { status: "unchanged" as const, checked_at: new Date(), source: "card" as const };
    await database.updateTable("identity_check_items").set(first).where("position", "=", 1).execute();
    await database.updateTable("identity_checks").set({ done: 1 }).where("check_id", "=", check.check_id).execute();
    expect(await statuses(check)).toHaveLength(1);
    await workOnIdentityChecks(world.platform);
    expect(await readIdentityCheck(world.platform, "killed", check.check_id)).toMatchObject({ state: "done", done: 2 });
    const { results } = await readCheckResults(world.platform, check, { after: 0, limit: 10 });
    expect(results.map(({ position, source }) => [position, source])).toEqual([
      [1, "card"],
      [2, "jlis"],
    ]);
  });

  it("has nothing behind its end, however far that is", async () => {
    const check = await start("nobodys", "all");
    expect((await readCheckResults(world.platform, check, { after: 1e17, limit: 10 })).results).toEqual([]);
  });

  it("is kept for a week", async () => {
    const check = await start("nobodys", "all");
    await world.later(7 * 86_400_000, async () => {
      expect(await readIdentityCheck(world.platform, "nobodys", check.check_id)).toBeUndefined();
      await deleteExpiredChecks(world.platform);
    });
    expect(await readIdentityCheck(world.platform, "nobodys", check.check_id)).toBeUndefined();
  });
});

describe("the latest attributes", () => {
  const read = (person: Person, clientId: string) =>
    readLatestAttributes(world.platform, { accountId: person.accountId, clientId, purpose: "住所の確認" });

  it("are not given without a consent of their own, which the link is not", async () => {
    expect(await read(await linked("reader"), "reader")).toBeUndefined();
  });

  it("are given as they are now, the person sees who read them and why, and nothing after they said no", async () => {
    const person = await linked("reader");
    const display = await person.device.open(await world.request({ clientId: "reader", latestAttributes: true }));
    expect(display.latestAttributes).toMatchObject({ granted: false });
    await person.device.client.approveRequest(display, ["name", "address"], "app_pin", {}, { latestAttributes: true });
    await world.happens(person.resident, { type: "move", address: "高松市" });
    await world.happens(person.resident, { type: "reissue-signature" });
    expect(await read(person, "reader")).toMatchObject({
      items: expect.arrayContaining(["name", "address"]),
      attributes: { address: expect.stringContaining("高松市") },
      version: 2,
      source: "jlis",
    });
    expect(await read(person, "another")).toBeUndefined();
    const service = async () =>
      (await person.device.client.services()).services.find(({ clientId }) => clientId === "reader")?.latestAttributes;
    expect(await service()).toMatchObject({ reads: [{ purpose: "住所の確認", items: ["name", "address"] }] });

    await person.device.client.withdrawLatestAttributes("reader");
    expect(await read(person, "reader")).toBeUndefined();
    expect(await service()).toBeNull();
  });

  it("are kept as they were received, stand-ins and all", async () => {
    const { device, resident } = await world.enrolled(await world.resident("external-characters"));
    const person = { accountId: device.ids.accountId, device, resident };
    const display = await device.open(await world.request({ clientId: "reader", latestAttributes: true }));
    await device.client.approveRequest(display, ["name"], "app_pin", {}, { latestAttributes: true });
    const before = (await read(person, "reader"))!;
    await world.happens(resident, { type: "move", address: "高松市" });
    await world.happens(resident, { type: "reissue-signature" });
    const after = (await read(person, "reader"))!;
    expect(after.version).toBe(before.version + 1);
    expect(after.attributes).toMatchObject({
      name: before.attributes.name,
      nameSubstitutes: before.attributes.nameSubstitutes,
    });
    expect(before.attributes.nameSubstitutes.length).toBeGreaterThan(0);
  });

  it("are not asked for by an approval that nobody asked to give", async () => {
    const { device } = await world.enrolled();
    const display = await device.open(await world.request({ clientId: "reader" }));
    const approval = device.client.approveRequest(display, ["name"], "app_pin", {}, { latestAttributes: true });
    await expect(approval).rejects.toMatchObject({ problem: { code: "ITEM_REQUIRED" } });
  });
});
