import { createHash, generateKeyPairSync, sign } from "node:crypto";
import {
  type AuthenticationLevel,
  approvalType,
  type CardSignature,
  contentDigest,
  type RequestDisplay,
  signJws,
  toBase64url,
} from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvidence } from "../evidence/record.ts";
import type { Platform } from "../platform.ts";
import type { Asked } from "../store/database.ts";
import { nobody, type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { approveRequest } from "./approve.ts";
import { startRequest, takeApproved } from "./engine.ts";
import { returnSecret } from "./return-secret.ts";

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start();
});
afterAll(() => world.close());

const ask = (level?: AuthenticationLevel) => world.request({ items: [], ...(level && { level }) });
const take = (requestId: string) =>
  takeApproved(world.platform, requestId, { returnSecret: returnSecret(world.platform, requestId) });
async function evidenceOf({ requestId }: { requestId: string }): Promise<Record<string, unknown>> {
  const row = await world.platform.database
    .selectFrom("evidence")
    .selectAll()
    .where("request_id", "=", requestId)
    .executeTakeFirstOrThrow();
  return JSON.parse(readEvidence(world.platform, row).record.toString("utf8"));
}

describe("how fresh the answer about a certificate must be", () => {
  /** Another process of the same platform, for which an answer of an hour ago does. */
  let relaxed: Platform;

  beforeAll(async () => {
    relaxed = await world.beside({ XID_STATUS_MAX_AGE: "3600" });
  });

  async function enrolledRelaxed(): Promise<{ device: TestDevice; resident: Resident }> {
    const resident = await world.resident();
    const device = world.device(relaxed);
    await device.enrol(resident);
    return { device, resident };
  }

  it("a sign-in without a level takes the last one, one that wants it fresh asks at that moment", async () => {
    const { device, resident } = await enrolledRelaxed();
    const [plain, fresh] = [await ask(), await ask("fresh")];
    const [first, second] = [await device.open(plain), await device.open(fresh)];
    expect([first.level, second.level]).toEqual([undefined, "fresh"]);
    await world.happens(resident, { type: "revoke" });
    await device.client.approveRequest(first, [], "app_pin");
    expect(await take(plain.requestId)).toMatchObject({ kind: "sign_in", level: undefined });
    expect(await refusalOf(device.client.approveRequest(second, [], "app_pin"))).toBe("CERTIFICATE_REVOKED");
  });

  it("a card that is read again for a fresh answer is asked about once more at that moment", async () => {
    const { device, resident } = await enrolledRelaxed();
    const { requestId, asked } = await ask("fresh");
    const refresh = await startRequest(world.platform, {
      requestId: `${requestId.slice(0, 20)}refresh`,
      clientId: "bank",
      asked: { ...asked, kind: "identity_refresh" } as Asked,
    });
    await device.open(refresh);
    await device.enrol(resident, "keep");
    const display = await device.open(refresh);
    await world.happens(resident, { type: "revoke" });
    expect(await refusalOf(device.client.approveRequest(display, [], "app_pin"))).toBe("CERTIFICATE_REVOKED");
  });

  it("a fresh answer is in the evidence, as new as the act", async () => {
    const { device } = await enrolledRelaxed();
    const request = await ask("fresh");
    await device.approve(request);
    expect(await take(request.requestId)).toMatchObject({ level: "fresh" });
    const { time, certificateStatus } = (await evidenceOf(request)) as {
      time: string;
      certificateStatus: { checkedAt: string };
    };
    expect(Math.abs(Date.parse(time) - Date.parse(certificateStatus.checkedAt))).toBeLessThan(5_000);
  });

  it("where nobody can be asked, what is not fresh is not called so", async () => {
    const { device } = await enrolledRelaxed();
    const request = await ask("fresh");
    const display = await device.open(request);
    const cutOff = await world.beside({
      XID_STATUS_MAX_AGE: "3600",
      XID_OCSP_SIGNATURE_URL: nobody,
      XID_CRL_SIGNATURE_URL: nobody,
    });
    const { client } = world.same(device, cutOff);
    expect(await refusalOf(client.approveRequest(display, [], "app_pin"))).toBe("CERTIFICATE_STATUS_UNKNOWN");
    const plain = await client.openRequest((await ask()).requestId, { via: "link" });
    expect(await client.approveRequest(plain, [], "app_pin")).toMatchObject({ state: "approved" });
  });
});

describe("a sign-in that wants the card itself", () => {
  let device: TestDevice;
  let resident: Resident;
  let display: RequestDisplay;
  let card: CardSignature;

  beforeAll(async () => {
    ({ device, resident } = await world.enrolled());
    display = await device.open(await ask("card"));
    card = await device.signWithCard(display, resident);
  });

  const approve = (given: CardSignature | undefined, shown = display) =>
    device.client.approveRequest(shown, [], "app_pin", given && { card: given });

  it("says so, and is approved with the card's signature over this very request", async () => {
    const request = await ask("card");
    const shown = await device.open(request);
    expect(shown.level).toBe("card");
    const signed = await device.signWithCard(shown, resident);
    expect(await approve(signed, shown)).toMatchObject({ state: "approved" });
    expect(await approve(signed, shown)).toMatchObject({ state: "approved" });
    expect(await take(request.requestId)).toMatchObject({ kind: "sign_in", level: "card" });
    const evidence = await evidenceOf(request);
    expect(evidence).toMatchObject({ cardSignature: signed.signature, origin: world.platform.config.issuer });
  });

  it("is not approved without it", async () => {
    const { level: _, ...unasked } = display;
    expect(await refusalOf(approve(undefined, unasked))).toBe("DISPLAY_MISMATCH");
    const statement = {
      kind: "sign_in",
      requestId: display.requestId,
      clientId: "bank",
      items: [],
      userVerification: "app_pin",
    };
    const header = { typ: approvalType, kid: device.client.deviceId };
    const said = { ...statement, displayDigest: contentDigest(display), time: Math.floor(Date.now() / 1000) };
    const approval = await signJws(header, said, device.keys.authentication);
    const approving = (given: object) =>
      approveRequest(world.platform, device.asDevice, display.requestId, { approval, ...given });
    await expect(approving({})).rejects.toMatchObject({ code: "GIVEN_MISMATCH" });
    await expect(approving({ card })).rejects.toMatchObject({ code: "GIVEN_MISMATCH" });
  });

  it("is not approved with what the card has signed for another request", async () => {
    const other = await device.open(await ask("card"));
    expect(await refusalOf(approve(await device.signWithCard(other, resident)))).toBe("SIGNATURE_INVALID");
  });

  it("is not approved with another key's signature", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const signature = toBase64url(sign("sha256", createHash("sha256").update("x").digest(), privateKey));
    expect(await refusalOf(approve({ ...card, signature }))).toBe("SIGNATURE_INVALID");
  });

  it("is not approved with the card of somebody else", async () => {
    const somebody = await world.resident();
    expect(await refusalOf(approve(await device.signWithCard(display, somebody)))).toBe("OTHER_PERSON");
  });

  it("is not approved with a card that was revoked", async () => {
    const { device: phone, resident: holder } = await world.enrolled();
    const shown = await phone.open(await ask("card"));
    const signed = await phone.signWithCard(shown, holder);
    await world.happens(holder, { type: "revoke" });
    const refused = phone.client.approveRequest(shown, [], "app_pin", { card: signed });
    expect(await refusalOf(refused)).toBe("CERTIFICATE_REVOKED");
  });
});

it("a card that nobody wanted is refused", async () => {
  const { device, resident } = await world.enrolled();
  const wanted = await device.open(await ask("card"));
  const card = await device.signWithCard(wanted, resident);
  const display = await device.open(await ask());
  // As an app would that says more than it was asked.
  const more = device.client.approveRequest({ ...display, level: "card" }, [], "app_pin", { card });
  expect(await refusalOf(more)).toBe("DISPLAY_MISMATCH");
});
