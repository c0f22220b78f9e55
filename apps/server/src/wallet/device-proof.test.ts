import {
  createDeviceProof,
  type DeviceProofInput,
  deviceProofHeader,
  deviceProofType,
  signJws,
  toBase64url,
} from "@xid/protocol";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toApiProblem } from "../http/problem.ts";
import { openDatabase } from "../store/database.ts";
import { createSigningKey, type TestDevice, TestWorld } from "../test-world.ts";
import { DeviceProofVerifier } from "./device-proof.ts";

const path = "/wallet/v1/requests/a-request/approve";
const url = `http://localhost:4001${path}`;
const body = '{"approval":"x"}';

describe("a device proof", () => {
  let world: TestWorld;
  let device: TestDevice;
  let app: Hono;

  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device } = await world.enrolled());
    app = verifying(new DeviceProofVerifier(world.platform));
  });
  afterAll(() => world.close());

  /** One route that says who called. */
  function verifying(verifier: DeviceProofVerifier): Hono {
    const one = new Hono();
    one.all("*", async (context) => {
      const sent = Buffer.from(await context.req.arrayBuffer());
      const { device, keyThumbprint } = await verifier.verify(context.req, sent);
      return context.json({ deviceId: device?.deviceId ?? null, keyThumbprint });
    });
    one.onError((error) => toApiProblem(error).toResponse());
    return one;
  }

  const input = (change: Partial<DeviceProofInput> = {}): DeviceProofInput => ({
    key: device.keys.authentication,
    deviceId: device.client.deviceId,
    method: "POST",
    url,
    body: Buffer.from(body),
    now: Date.now(),
    random: crypto.getRandomValues(new Uint8Array(16)),
    ...change,
  });

  async function call(proof: string | undefined, at: Hono = app, target = url) {
    const headers: Record<string, string> = proof === undefined ? {} : { [deviceProofHeader]: proof };
    const response = await at.request(target, { method: "POST", headers, body });
    return (await response.json()) as { code?: string; detail?: string; deviceId?: string | null };
  }

  it("names the device that made it", async () => {
    expect(await call(await createDeviceProof(input()))).toMatchObject({ deviceId: device.ids.deviceId });
  });

  it("names a key that is not enrolled by its thumbprint alone", async () => {
    const proof = await createDeviceProof(input({ key: createSigningKey(), deviceId: undefined }));
    expect(await call(proof)).toEqual({ deviceId: null, keyThumbprint: expect.stringMatching(/^[\w-]{43}$/) });
  });

  it("covers the path without its query, spelled as it was sent", async () => {
    const spelled = "http://localhost:4001/wallet/v1/services/%E9%8A%80%20%2F";
    expect(await call(await createDeviceProof(input({ url: spelled })), app, `${spelled}?x=1`)).toMatchObject({
      deviceId: device.ids.deviceId,
    });
  });

  it.each<[string, Partial<DeviceProofInput> | (() => Partial<DeviceProofInput>), string]>([
    ["another method", { method: "DELETE" }, "another method"],
    ["another path", { url: url.replace("approve", "decline") }, "another URL"],
    ["another platform", { url: `https://id.example${path}` }, "another URL"],
    ["another body", { body: Buffer.from(`${body} `) }, "another body"],
    ["an empty body", { body: new Uint8Array() }, "another body"],
    ["the time 61 seconds ago", () => ({ now: Date.now() - 62_000 }), "too old, or from the future"],
    ["the time in 61 seconds", () => ({ now: Date.now() + 62_000 }), "too old, or from the future"],
    ["too short an id", { random: new Uint8Array(11) }, "not in their form"],
    ["another key", () => ({ key: createSigningKey() }), "signature does not hold"],
    ["an unknown device", () => ({ deviceId: `${crypto.randomUUID()}.${crypto.randomUUID()}` }), "no such device"],
    ["no device's name", { deviceId: "hanako" }, "names no device"],
  ])("for %s is refused", async (_, change, detail) => {
    const proof = await createDeviceProof(input(typeof change === "function" ? change() : change));
    expect(await call(proof)).toMatchObject({ code: "UNAUTHENTICATED", detail: expect.stringContaining(detail) });
  });

  const claims = () => ({
    jti: toBase64url(crypto.getRandomValues(new Uint8Array(16))),
    htm: "POST",
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    bodyDigest: "q".repeat(43),
  });

  it.each<[string, () => Promise<string> | string | undefined, string]>([
    ["that is missing", () => undefined, "missing"],
    ["that is no JWS", () => "proof", "not a compact JWS"],
    ["of another type", () => signJws({ typ: "JWT" }, claims(), device.keys.authentication), "not a device proof"],
    [
      "with more in it",
      () => signJws({ typ: deviceProofType }, { ...claims(), more: 1 }, device.keys.authentication),
      "not in their form",
    ],
    [
      "whose id no database can hold",
      () => signJws({ typ: deviceProofType }, { ...claims(), jti: `${"a".repeat(16)}\0` }, device.keys.authentication),
      "not in their form",
    ],
  ])("%s is refused", async (_, make, detail) => {
    expect(await call(await make())).toMatchObject({
      code: "UNAUTHENTICATED",
      detail: expect.stringContaining(detail),
    });
  });

  /** A proof that is right but for its header. */
  async function withHeader(header: object, key = device.keys.authentication): Promise<string> {
    const [, payload] = (await createDeviceProof(input())).split(".");
    const content = JSON.parse(Buffer.from(payload!, "base64url").toString());
    return signJws({ typ: deviceProofType, ...header }, content, key);
  }

  it.each<[string, () => object, string]>([
    [
      "both a device and a key",
      () => ({ kid: device.client.deviceId, jwk: device.keys.authentication.publicJwk }),
      "not both",
    ],
    ["neither", () => ({}), "carries no P-256 key"],
    ["a key with its private half", () => ({ jwk: { ...device.keys.authentication.publicJwk, d: "AA" } }), "no P-256"],
    [
      "a key that is not on the curve",
      () => ({ jwk: { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) } }),
      "not on the curve",
    ],
  ])("with %s is refused", async (_, header, detail) => {
    expect(await call(await withHeader(header()))).toMatchObject({
      code: "UNAUTHENTICATED",
      detail: expect.stringContaining(detail),
    });
  });

  it("with a signature cut short or left out is refused", async () => {
    const proof = await createDeviceProof(input());
    for (const spoiled of [proof.slice(0, -8), proof.replace(/[^.]*$/, "")]) {
      expect(await call(spoiled)).toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });

  it("of a revoked device is refused, and says so", async () => {
    const { device: old, resident } = await world.enrolled();
    await world.device().enrol(resident, "replace");
    const proof = await createDeviceProof(input({ key: old.keys.authentication, deviceId: old.client.deviceId }));
    expect(await call(proof)).toMatchObject({ code: "DEVICE_REVOKED" });
  });

  it.each(["of a device", "of a new key"])("%s is taken once of ten parallel uses in two processes", async (whose) => {
    const other = openDatabase(world.test.connection);
    const second = verifying(new DeviceProofVerifier({ ...world.platform, database: other.database }));
    const change = whose === "of a device" ? {} : { key: createSigningKey(), deviceId: undefined };
    const proof = await createDeviceProof(input(change));
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => call(proof, n % 2 ? second : app)));
    await other.close();
    expect(answers.filter(({ code }) => code === undefined)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === "PROOF_REPLAYED")).toHaveLength(9);
  });

  it("leaves nothing in the database when its signature does not hold", async () => {
    const count = () =>
      world.platform.database
        .selectFrom("used_identifiers")
        .select((row) => row.fn.countAll().as("rows"))
        .executeTakeFirstOrThrow();
    const before = await count();
    await call(await createDeviceProof(input({ key: createSigningKey() })));
    expect(await count()).toEqual(before);
  });
});
