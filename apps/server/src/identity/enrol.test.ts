import type { EnrolmentCompletion, EnrolmentResult } from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvidence } from "../evidence/record.ts";
import { JlisClient } from "../jpki/jlis-client.ts";
import { startSession } from "../session/start-session.ts";
import { nobody, type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { completeEnrolment } from "./enrol.ts";
import { keyThumbprint } from "./key-thumbprint.ts";

describe("an enrolment", () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.start();
  });
  afterAll(() => world.close());

  const complete = (
    device: TestDevice,
    { enrolmentId, completion }: Signed,
    change: Partial<EnrolmentCompletion> = {},
  ) => device.client.completeEnrolment(enrolmentId, { ...completion, ...change });
  type Signed = { enrolmentId: string; completion: EnrolmentCompletion };
  const accountOf = (result: EnrolmentResult) => result.state === "completed" && result.deviceId.split(".")[0];

  async function devicesOf(accountId: string) {
    const rows = await world.platform.database
      .selectFrom("devices")
      .select(["device_id", "revoked_because"])
      .where("account_id", "=", accountId)
      .orderBy("enrolled_at")
      .execute();
    return rows.map((row) => [row.device_id, row.revoked_because]);
  }

  describe("of somebody new", () => {
    it("makes an account, a device and a signing certificate, and says what it read", async () => {
      const resident = await world.resident();
      const device = world.device();
      const result = await device.enrol(resident);
      const { name, birthdate, gender, address } = resident;
      expect(result).toMatchObject({ account: "created", replacedDevices: 0 });
      expect(result.attributes).toEqual({ name, birthdate, gender, address });
      expect(await device.client.me()).toMatchObject({
        attributes: { name, birthdate, gender, address },
        certificate: { status: "good" },
        devices: [{ deviceId: result.deviceId, current: true }],
      });
    });

    it("leaves evidence that opens with the sealer and holds what the card signed", async () => {
      const { device } = await world.enrolled();
      const row = await world.platform.database
        .selectFrom("evidence")
        .selectAll()
        .where("account_id", "=", device.ids.accountId)
        .executeTakeFirstOrThrow();
      const record = JSON.parse(readEvidence(world.platform, row).record.toString());
      expect(record).toMatchObject({ kind: "enrolment", account: "created", accountId: device.ids.accountId });
      const statement = JSON.parse(Buffer.from(record.statement, "base64url").toString());
      expect(statement.keys.authentication).toEqual(device.keys.authentication.publicJwk);
    });

    it("keeps the list that a certificate's status rests on when no responder answered", async () => {
      const platform = await world.beside({ XID_OCSP_SIGNATURE_URL: nobody });
      const device = world.device(platform);
      await device.enrol(await world.resident());
      const row = await world.platform.database
        .selectFrom("evidence")
        .selectAll()
        .where("account_id", "=", device.ids.accountId)
        .executeTakeFirstOrThrow();
      const { certificateStatus } = JSON.parse(readEvidence(world.platform, row).record.toString());
      expect(certificateStatus.kind).toBe("crl");
      const digest = Buffer.from(certificateStatus.listDigest, "base64");
      const lists = await world.platform.database
        .selectFrom("revocation_lists")
        .select("stored_at")
        .where("digest", "=", digest)
        .execute();
      expect(lists).toHaveLength(1);
    });
  });

  describe("and its challenge", () => {
    let resident: Resident;
    beforeAll(async () => {
      resident = await world.resident();
    });

    it("is taken once: the same completion again gets the same answer, another one is refused", async () => {
      const device = world.device();
      const signed = await device.sign(await world.resident());
      const first = await complete(device, signed);
      device.client.deviceId = undefined;
      expect(await complete(device, signed)).toEqual(first);
      device.client.deviceId = undefined;
      expect(await refusalOf(complete(device, signed, { otherDevices: "keep" }))).toBe("ENROLMENT_USED");
    });

    it("answers a repeat also when the time for it is over", async () => {
      const device = world.device();
      const signed = await device.sign(await world.resident());
      const first = await complete(device, signed);
      device.client.deviceId = undefined;
      expect(await world.later(16 * 60_000, () => complete(device, signed))).toEqual(first);
    });

    it("gives ten parallel sendings of one completion one device and one answer", async () => {
      const device = world.device();
      const { enrolmentId, completion } = await device.sign(await world.resident());
      const caller = { keyThumbprint: keyThumbprint(device.keys.authentication.publicJwk), device: undefined };
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => completeEnrolment(world.platform, caller, enrolmentId, completion)),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await devicesOf(accountOf(answers[0]!) as string)).toHaveLength(1);
    });

    it("is over after fifteen minutes", async () => {
      const device = world.device();
      const signed = await device.sign(resident);
      expect(await world.later(15 * 60_000, () => refusalOf(complete(device, signed)))).toBe("ENROLMENT_EXPIRED");
    });

    it("is nobody else's: another key is told that there is none", async () => {
      const device = world.device();
      const signed = await device.sign(resident);
      expect(await refusalOf(complete(world.device(), signed))).toBe("NOT_FOUND");
    });

    it("stays for another try when the outside world does not answer, and nothing is written", async () => {
      const platform = await world.beside({ XID_OCSP_SIGNATURE_URL: nobody, XID_CRL_SIGNATURE_URL: nobody });
      const resident = await world.resident();
      const device = world.device();
      const signed = await device.sign(resident);
      const caller = { keyThumbprint: keyThumbprint(device.keys.authentication.publicJwk), device: undefined };
      const attempt = completeEnrolment(platform, caller, signed.enrolmentId, signed.completion);
      await expect(attempt).rejects.toMatchObject({ code: "STATUS_UNAVAILABLE" });
      expect(await complete(device, signed)).toMatchObject({ account: "created" });
    });
  });

  describe("of the same person on another device", () => {
    it("asks what becomes of the first one, and the challenge stays for the answer", async () => {
      const { device: first, resident } = await world.enrolled();
      const second = world.device();
      const signed = await second.sign(resident);
      expect(await complete(second, signed)).toEqual({
        state: "choose_other_devices",
        otherDevices: [{ name: "テスト端末", enrolledAt: expect.any(Number) }],
      });
      expect(await devicesOf(first.ids.accountId)).toEqual([[first.ids.deviceId, null]]);
      expect(await complete(second, signed, { otherDevices: "keep" })).toMatchObject({ account: "existing" });
    });

    it("replaces it: the old device is revoked and told so", async () => {
      const { device: first, resident } = await world.enrolled();
      const second = world.device();
      expect(await second.enrol(resident, "replace")).toMatchObject({ account: "existing", replacedDevices: 1 });
      expect(second.ids.accountId).toBe(first.ids.accountId);
      expect(await refusalOf(first.client.me())).toBe("DEVICE_REVOKED");
      expect((await second.client.me()).devices).toHaveLength(1);
    });

    it("that is replaced signs out everywhere, one that is added nowhere", async () => {
      const { device: first, resident } = await world.enrolled();
      await startSession(world.platform, { ...first.ids, clientId: "bank", grantId: "g" });
      await world.device().enrol(resident, "keep");
      const ended = () =>
        world.platform.database
          .selectFrom("sessions")
          .select("ended_because")
          .where("account_id", "=", first.ids.accountId)
          .executeTakeFirst();
      expect(await ended()).toEqual({ ended_because: null });
      await world.device().enrol(resident, "replace");
      expect(await ended()).toEqual({ ended_because: "device_replaced" });
    });

    it("keeps it: both devices go on", async () => {
      const { device: first, resident } = await world.enrolled();
      const second = world.device();
      expect(await second.enrol(resident, "keep")).toMatchObject({ account: "existing", replacedDevices: 0 });
      expect((await first.client.me()).devices).toHaveLength(2);
      expect((await second.client.me()).devices).toHaveLength(2);
    });

    it("at the same moment ends in one account with one device; the other is asked", async () => {
      const resident = await world.resident();
      const pair = [world.device(), world.device()];
      const signed: Signed[] = [];
      for (const device of pair) signed.push(await device.sign(resident));
      const answers = await Promise.all(pair.map((device, n) => complete(device, signed[n]!)));
      expect(answers.map(({ state }) => state).sort()).toEqual(["choose_other_devices", "completed"]);
    });

    it("at the same moment on five devices that all stay ends in one account", async () => {
      const resident = await world.resident();
      const all = Array.from({ length: 5 }, () => world.device());
      const signed: Signed[] = [];
      for (const device of all) signed.push(await device.sign(resident));
      const answers = await Promise.all(all.map((device, n) => complete(device, signed[n]!, { otherDevices: "keep" })));
      expect(new Set(answers.map(accountOf)).size).toBe(1);
      expect(answers.filter((answer) => answer.state === "completed" && answer.account === "created")).toHaveLength(1);
      expect(await devicesOf(all[0]!.ids.accountId)).toHaveLength(5);
    });

    it.each<[string, { type: string }[]]>([
      ["after a move and a reissued certificate", [{ type: "move" }, { type: "reissue-signature" }]],
      ["after a renewal", [{ type: "reissue-certificates" }]],
      ["with a new card", [{ type: "new-card" }]],
      [
        "after two moves",
        [{ type: "move" }, { type: "reissue-signature" }, { type: "move" }, { type: "reissue-signature" }],
      ],
    ])("leads to the same account %s, as J-LIS links the certificates", async (_, events) => {
      const { device: first, resident } = await world.enrolled();
      let now = resident;
      for (const event of events) now = await world.happens(resident, event);
      const second = world.device();
      const result = await second.enrol(now, "keep");
      expect(result.account).toBe("existing");
      expect(second.ids.accountId).toBe(first.ids.accountId);
      expect(result.attributes.address).toBe(now.address);
      expect((await first.client.me()).attributes.address).toBe(now.address);
    });

    it("is never another person, even one of the same name", async () => {
      const [one, other] = [await world.resident("external-characters"), await world.resident("external-characters")];
      expect(one.name).toBe(other.name);
      const [first, second] = [world.device(), world.device()];
      await first.enrol(one);
      expect(await second.enrol(other)).toMatchObject({ account: "created" });
    });
  });

  describe("on a device that is enrolled already", () => {
    it("keeps the device, and takes what the new certificate says", async () => {
      const { device, resident } = await world.enrolled();
      const before = device.ids;
      await world.happens(resident, { type: "move" });
      const moved = await world.happens(resident, { type: "reissue-signature" });
      const result = await device.enrol(moved);
      expect(result).toMatchObject({ account: "existing", attributes: { address: moved.address } });
      expect(device.ids).toEqual(before);
      expect(await devicesOf(before.accountId)).toHaveLength(1);
    });

    it("refuses another person's card", async () => {
      const { device } = await world.enrolled();
      const signed = await device.sign(await world.resident());
      expect(await refusalOf(complete(device, signed))).toBe("OTHER_PERSON");
    });

    it("refuses the card of somebody else who is enrolled, too", async () => {
      const { device } = await world.enrolled();
      const { resident } = await world.enrolled();
      const signed = await device.sign(resident);
      expect(await refusalOf(complete(device, signed))).toBe("OTHER_PERSON");
    });

    it("does not bring back a device that was replaced while its card was being read", async () => {
      const { device, resident } = await world.enrolled();
      const { accountId, deviceId } = device.ids;
      const { enrolmentId, completion } = await device.sign(resident);
      const second = world.device();
      await second.enrol(resident, "replace");
      // The call that was under way when the other one committed: its proof had been verified before.
      const caller = {
        keyThumbprint: keyThumbprint(device.keys.authentication.publicJwk),
        device: { accountId, deviceId },
      };
      const late = completeEnrolment(world.platform, caller, enrolmentId, { ...completion, otherDevices: "replace" });
      await expect(late).rejects.toMatchObject({ code: "ACCOUNT_CONFLICT" });
      expect(await devicesOf(accountId)).toEqual([
        [deviceId, "replaced"],
        [second.ids.deviceId, null],
      ]);
    });
  });

  it("is refused when J-LIS does not answer, for nobody knows whose account it would be", async () => {
    const { jpki } = world.platform;
    const device = world.device();
    const { enrolmentId, completion } = await device.sign(await world.resident());
    const caller = { keyThumbprint: keyThumbprint(device.keys.authentication.publicJwk), device: undefined };
    const { config } = world.platform;
    const unreachable = await JlisClient.open({ ...config, jpki: { ...config.jpki, jlisUrl: nobody } });
    const platform = { ...world.platform, jpki: { ...jpki, readLinks: unreachable.links.bind(unreachable) } };
    await expect(completeEnrolment(platform, caller, enrolmentId, completion)).rejects.toMatchObject({
      code: "JLIS_UNAVAILABLE",
    });
  });
});
