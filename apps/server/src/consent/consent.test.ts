import { attributeNames, type ItemName } from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAccount } from "../oidc/account.ts";
import { takeApproved } from "../request/engine.ts";
import { startSession } from "../session/start-session.ts";
import { type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { unlinkService } from "./unlink.ts";

const asking = (...names: ItemName[]) => names.map((name) => ({ name, required: false }));

describe("a consent", () => {
  let world: TestWorld;
  let device: TestDevice;
  let resident: Resident;
  let clients = 0;
  const newClient = () => `client-${++clients}`;

  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device, resident } = await world.enrolled());
  });
  afterAll(() => world.close());

  async function approve(clientId: string, asked: ItemName[], approved: ItemName[]) {
    const request = await world.request({ clientId, items: asking(...asked) });
    const { returnTo } = await device.approve(request, approved);
    return takeApproved(world.platform, request.requestId, { returnSecret: new URL(returnTo!).hash.slice(1) });
  }
  const claimsOf = (accountId: string, items: readonly ItemName[]) =>
    toAccount(world.platform, accountId, { receivesCertificates: false, hearsOfChanges: false }).claims(
      "userinfo",
      items.join(" "),
      {},
      [],
    );
  const linked = async (clientId: string) => {
    const { services } = await device.client.services();
    return services.find((service) => service.clientId === clientId);
  };

  it("holds what was ticked and no more, and so does what the client gets", async () => {
    const clientId = newClient();
    const { items, accountId } = await approve(clientId, ["name", "birthdate", "address"], ["name"]);
    expect(items).toEqual(["name"]);
    expect((await linked(clientId))?.items).toEqual(["name"]);
    expect(await claimsOf(accountId, items)).toMatchObject({ sub: accountId, name: resident.name });
    expect(await claimsOf(accountId, items)).not.toHaveProperty("address");
  });

  it("stands under the names that the service had last", async () => {
    const request = await world.request({ clientId: "renamed", clientName: { ja: "旧銀行", en: "Old Bank" } });
    await device.approve(request, ["name"]);
    expect((await linked("renamed"))?.name).toEqual({ ja: "旧銀行", en: "Old Bank" });
    const again = await world.request({ clientId: "renamed", clientName: { ja: "新銀行", en: "New Bank" } });
    await device.approve(again, ["name"]);
    expect((await linked("renamed"))?.name).toEqual({ ja: "新銀行", en: "New Bank" });
  });

  it("to nothing is a sign-in without items", async () => {
    const clientId = newClient();
    const { items, accountId } = await approve(clientId, ["name"], []);
    expect(await claimsOf(accountId, items)).toEqual({ sub: accountId });
    expect((await linked(clientId))?.items).toEqual([]);
  });

  it("gives the four items as OpenID Connect spells them", async () => {
    const { name, birthdate, gender, address } = resident;
    expect(await claimsOf(device.ids.accountId, attributeNames)).toMatchObject({
      name,
      birthdate,
      gender,
      address: { formatted: address, country: "JP" },
    });
  });

  it("changes for what is asked this time, and stays for what is not", async () => {
    const clientId = newClient();
    await approve(clientId, ["name", "address"], ["name", "address"]);
    await approve(clientId, ["address", "gender"], ["gender"]);
    expect((await linked(clientId))?.items).toEqual(["name", "gender"]);
  });

  it("is shown as given before, at the same client only", async () => {
    const clientId = newClient();
    await approve(clientId, ["name", "address"], ["name"]);
    const again = await world.request({ clientId, items: asking("name", "address") });
    expect((await device.open(again)).alreadyGranted).toEqual(["name"]);
    const elsewhere = await world.request({ clientId: newClient(), items: asking("name", "address") });
    expect((await device.open(elsewhere)).alreadyGranted).toEqual([]);
  });

  it("is not given by declining", async () => {
    const clientId = newClient();
    const request = await world.request({ clientId });
    await device.open(request);
    expect(await device.client.declineRequest(request.requestId)).toMatchObject({ state: "declined" });
    expect(await linked(clientId)).toBeUndefined();
  });

  it("counts the sign-ins that have not ended, which unlinking ends", async () => {
    const clientId = newClient();
    const { accountId } = await approve(clientId, ["name"], ["name"]);
    const { platform } = world;
    await startSession(platform, { accountId, clientId, deviceId: device.ids.deviceId, grantId: "one" });
    await startSession(platform, { accountId, clientId, deviceId: device.ids.deviceId, grantId: "one" });
    expect((await linked(clientId))?.sessions).toBe(1);
    await device.client.unlinkService(clientId);
    const session = await platform.database
      .selectFrom("sessions")
      .select(["ended_because", "next_attempt_at"])
      .where("client_id", "=", clientId)
      .executeTakeFirstOrThrow();
    expect(session).toEqual({ ended_because: "unlinked", next_attempt_at: expect.any(Date) });
  });

  it("stays when the person signs out, at one service or everywhere, and nobody else's sign-in ends", async () => {
    const { device: other } = await world.enrolled();
    const [one, another] = [newClient(), newClient()];
    for (const clientId of [one, another]) {
      await approve(clientId, ["name"], ["name"]);
      for (const { ids } of [device, other])
        await startSession(world.platform, { ...ids, clientId, grantId: clientId });
    }
    expect(await device.client.signOut(one)).toEqual({ ended: 1 });
    expect(await device.client.signOut(one)).toEqual({ ended: 0 });
    expect([(await linked(one))?.sessions, (await linked(another))?.sessions]).toEqual([0, 1]);
    expect(await device.client.signOut()).toEqual({ ended: 1 });
    expect((await linked(another))?.sessions).toBe(0);
    expect(await other.client.signOut()).toEqual({ ended: 2 });
  });

  describe("that is withdrawn", () => {
    const artefact = (clientId: string, accountId: string) => ({
      id: crypto.randomUUID(),
      model: "AccessToken",
      payload: "{}",
      account_id: accountId,
      client_id: clientId,
      expires_at: new Date(Date.now() + 3_600_000),
    });
    const artefactsOf = async (clientId: string) => {
      const { database } = world.platform;
      const rows = await database
        .selectFrom("oidc_artefacts")
        .select("account_id")
        .where("client_id", "=", clientId)
        .execute();
      return rows.map((row) => row.account_id);
    };

    it("ends with every token that came from it, and nobody else's", async () => {
      const [clientId, otherClient] = [newClient(), newClient()];
      const { device: other } = await world.enrolled();
      const accounts = [device.ids.accountId, other.ids.accountId] as const;
      await approve(clientId, ["name"], ["name"]);
      await world.platform.database
        .insertInto("oidc_artefacts")
        .values([
          artefact(clientId, accounts[0]),
          artefact(clientId, accounts[0]),
          artefact(clientId, accounts[1]),
          artefact(otherClient, accounts[0]),
        ])
        .execute();
      await device.client.unlinkService(clientId);
      expect(await linked(clientId)).toBeUndefined();
      expect(await artefactsOf(clientId)).toEqual([accounts[1]]);
      expect(await artefactsOf(otherClient)).toEqual([accounts[0]]);
    });

    it("is ended once: again there is nothing to end", async () => {
      const clientId = newClient();
      await approve(clientId, ["name"], ["name"]);
      await device.client.unlinkService(clientId);
      expect(await refusalOf(device.client.unlinkService(clientId))).toBe("NOT_FOUND");
      expect(await unlinkService(world.platform, device.ids.accountId, clientId)).toBe("not_linked");
    });

    it("begins anew: what was given before does not come back", async () => {
      const clientId = newClient();
      await approve(clientId, ["name", "address"], ["name", "address"]);
      await device.client.unlinkService(clientId);
      const request = await world.request({ clientId, items: asking("gender") });
      expect((await device.open(request)).alreadyGranted).toEqual([]);
      await approve(clientId, ["gender"], ["gender"]);
      expect((await linked(clientId))?.items).toEqual(["gender"]);
    });

    it("can be withdrawn only by the person who gave it", async () => {
      const clientId = newClient();
      await approve(clientId, ["name"], ["name"]);
      const { device: other } = await world.enrolled();
      expect(await refusalOf(other.client.unlinkService(clientId))).toBe("NOT_FOUND");
      expect(await linked(clientId)).toBeDefined();
    });
  });
});
