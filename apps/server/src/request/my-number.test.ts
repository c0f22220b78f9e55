import {
  type ApprovalStatement,
  approvalType,
  contentDigest,
  type EncryptionKey,
  envelopeDigest,
  type RequestDisplay,
  type SealedHandOver,
  signJws,
  toBase64url,
} from "@xid/protocol";
import { compactDecrypt, exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvidence } from "../evidence/record.ts";
import { sweep } from "../store/sweep.ts";
import { office, type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { approveRequest } from "./approve.ts";
import { readRequest } from "./engine.ts";
import { collectHandOver, dropHandOvers, handOverLifetime, readHandOver } from "./hand-over.ts";

describe("a request for a My Number", () => {
  let world: TestWorld;
  let device: TestDevice;
  let resident: Resident;
  let privateKey: CryptoKey;
  let key: EncryptionKey;

  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device, resident } = await world.enrolled());
    const pair = await generateKeyPair("ECDH-ES", { crv: "P-256" });
    privateKey = pair.privateKey;
    const { x, y } = await exportJWK(pair.publicKey);
    key = { kty: "EC", crv: "P-256", x: x!, y: y!, use: "enc", kid: "1" };
  });
  afterAll(() => world.close());

  type MyNumberDisplay = Extract<RequestDisplay, { kind: "my_number" }>;
  async function open(): Promise<MyNumberDisplay> {
    return (await device.open(await world.myNumberRequest(key))) as MyNumberDisplay;
  }

  /** An approval as no wallet makes it. */
  async function approve(
    display: MyNumberDisplay,
    handOver: SealedHandOver | undefined,
    changes: Partial<Extract<ApprovalStatement, { kind: "my_number" }>> = {},
  ) {
    const statement = {
      kind: "my_number" as const,
      requestId: display.requestId,
      clientId: display.client.clientId,
      displayDigest: contentDigest(display),
      items: [],
      userVerification: "app_pin" as const,
      time: Math.floor(Date.now() / 1000),
      envelopeDigest: changes.envelopeDigest ?? (handOver ? envelopeDigest(handOver.envelope) : "A".repeat(43)),
      holderKey: handOver?.holderKey ?? "A".repeat(43),
      ...changes,
    };
    const header = { typ: approvalType, kid: `${device.ids.accountId}.${device.ids.deviceId}` };
    const approval = await signJws(header, statement, device.keys.authentication);
    return approveRequest(world.platform, device.asDevice, display.requestId, {
      approval,
      ...(handOver && { handOver }),
    });
  }

  const evidenceOf = async (requestId: string) => {
    const { evidenceId } = (await readRequest(world.platform, requestId))!;
    const row = await world.platform.database
      .selectFrom("evidence")
      .selectAll()
      .where("evidence_id", "=", evidenceId)
      .executeTakeFirstOrThrow();
    return readEvidence(world.platform, row).record.toString();
  };

  it("shows purpose, law, the relying party's key, and what the card's record tells besides", async () => {
    const { name, birthdate, gender, address } = resident;
    expect((await open()).handOver).toMatchObject({
      purpose: "tax.specified_account",
      lawVersion: expect.stringContaining("番号法"),
      recipient: { jwksUri: "https://bank.example/jwks", key: { kid: "1" } },
      attributes: { name, birthdate, gender, address },
    });
  });

  it("passes on an envelope that it cannot open, the same however often it is approved, and keeps its digest as evidence", async () => {
    const display = await open();
    const handOver = await device.handOver(display, resident);
    const decision = await device.client.approveRequest(display, [], "app_pin", { handOver });
    expect(await device.client.approveRequest(display, [], "app_pin", { handOver })).toEqual(decision);
    const waiting = await readHandOver(world.platform, display.requestId);
    expect(waiting).toMatchObject({ state: "waiting", envelope: handOver.envelope });
    const { plaintext } = await compactDecrypt(handOver.envelope, privateKey);
    expect(Buffer.from(plaintext).toString().split(".")).toHaveLength(3);
    const record = await evidenceOf(display.requestId);
    expect(record).toContain("tax.specified_account");
    expect(record).not.toContain(handOver.envelope);
    const { approval } = JSON.parse(record) as { approval: string };
    expect(JSON.parse(Buffer.from(approval.split(".")[1]!, "base64url").toString())).toMatchObject({
      envelopeDigest: envelopeDigest(handOver.envelope),
      holderKey: handOver.holderKey,
    });
  });

  it("is not approved a second time with another envelope", async () => {
    const display = await open();
    await approve(display, await device.handOver(display, resident));
    const again = approve(display, await device.handOver(display, resident));
    await expect(again).rejects.toMatchObject({ code: "WRONG_STATE" });
  });

  const changedHeader = (envelope: string, change: (header: Record<string, unknown>) => object) => {
    const [header, ...rest] = envelope.split(".");
    const changed = change(JSON.parse(Buffer.from(header!, "base64url").toString()));
    return [toBase64url(Buffer.from(JSON.stringify(changed))), ...rest].join(".");
  };
  it.each<[string, (given: SealedHandOver) => SealedHandOver | undefined, object?]>([
    ["no envelope", () => undefined],
    ["another envelope than the approval names", (given) => given, { envelopeDigest: "A".repeat(43) }],
    ["another key than the approval names", (given) => given, { holderKey: "A".repeat(43) }],
    ["a number in the clear", (given) => ({ ...given, envelope: "999903860488" }), { envelopeDigest: "A".repeat(43) }],
    [
      "something in the header",
      ({ envelope, ...given }) => ({
        ...given,
        envelope: changedHeader(envelope, (all) => ({ ...all, n: "999903860488" })),
      }),
    ],
    [
      "another algorithm",
      ({ envelope, ...given }) => ({ ...given, envelope: changedHeader(envelope, (all) => ({ ...all, alg: "none" })) }),
    ],
    [
      "another content",
      ({ envelope, ...given }) => ({ ...given, envelope: changedHeader(envelope, (all) => ({ ...all, cty: "JWT" })) }),
    ],
    [
      "another key's id",
      ({ envelope, ...given }) => ({ ...given, envelope: changedHeader(envelope, (all) => ({ ...all, kid: "2" })) }),
    ],
    ["a header that is none", ({ envelope, ...given }) => ({ ...given, envelope: envelope.replace(/^[^.]+/, "e30") })],
  ])("is not approved with %s, and stays open", async (_, change, changes = {}) => {
    const display = await open();
    const given = await device.handOver(display, resident);
    const spoiled = change(given);
    await expect(approve(display, spoiled, changes)).rejects.toMatchObject({ code: "ENVELOPE_INVALID" });
    expect((await readRequest(world.platform, display.requestId))!.state).toBe("opened");
    expect(await readHandOver(world.platform, display.requestId)).toEqual({ state: "gone" });
    await approve(display, given);
  });

  it("is refused over HTTP when the envelope is larger than any hand-over, before it is looked at", async () => {
    const display = await open();
    const { holderKey, envelope } = await device.handOver(display, resident);
    const handOver = { holderKey, envelope: envelope.padEnd(20_000, "A") };
    expect(await refusalOf(device.client.approveRequest(display, [], "app_pin", { handOver }))).toBe("MALFORMED");
  });

  it("gives the envelope out until it was picked up, or its time is over, and keeps it no longer", async () => {
    const [picked, late] = [await open(), await open()];
    for (const display of [picked, late]) await approve(display, await device.handOver(display, resident));
    const { platform } = world;
    await collectHandOver(platform, picked.requestId);
    const collected = await readHandOver(platform, picked.requestId);
    expect(collected).toEqual({ state: "collected", collectedAt: expect.any(Date) });
    await collectHandOver(platform, picked.requestId);
    expect(await readHandOver(platform, picked.requestId)).toEqual(collected);

    const afterwards = Date.now() + handOverLifetime * 1000;
    const then = { ...platform, clock: () => afterwards };
    expect(await readHandOver(then, late.requestId)).toEqual({ state: "gone" });
    await collectHandOver(then, late.requestId);
    expect(await readHandOver(then, late.requestId)).toEqual({ state: "gone" });
    expect(await dropHandOvers(platform.database, afterwards)).toBeGreaterThan(0);
    const rows = await platform.database.selectFrom("hand_overs").select("envelope_sealed").execute();
    expect(rows.filter(({ envelope_sealed: sealed }) => sealed !== null)).toEqual([]);
    await sweep(platform.database, afterwards + 86_401_000);
    expect(await platform.database.selectFrom("hand_overs").selectAll().execute()).toEqual([]);
  });

  it("is kept from somebody else's device, and by a certificate that was revoked", async () => {
    const display = await open();
    const handOver = await device.handOver(display, resident);
    const { device: stranger } = await world.enrolled();
    expect(await refusalOf(stranger.client.approveRequest(display, [], "app_pin", { handOver }))).toBe(
      "REQUEST_OF_ANOTHER_DEVICE",
    );
    const { device: moved, resident: mover } = await world.enrolled();
    const theirs = (await moved.open(await world.myNumberRequest(key))) as MyNumberDisplay;
    const given = await moved.handOver(theirs, mover);
    await office(world.sandboxUrl, `/api/people/${mover.id}/events`, { type: "revoke" });
    expect(await refusalOf(moved.client.approveRequest(theirs, [], "app_pin", { handOver: given }))).toBe(
      "CERTIFICATE_REVOKED",
    );
    expect(await readHandOver(world.platform, theirs.requestId)).toEqual({ state: "gone" });
  });
});
