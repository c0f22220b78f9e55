import { createDeviceProof, deviceProofHeader } from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSigningKey, type TestDevice, type TestKey, TestWorld } from "../test-world.ts";

const request = `/requests/${"A".repeat(24)}`;
const enrolment = `/enrolments/${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}/complete`;

type Call = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: string;
  type?: string;
  /** Address of the caller. */
  from?: string;
  /** A key that is not enrolled. */
  stranger?: TestKey;
};

describe("the wallet API", () => {
  let world: TestWorld;
  let device: TestDevice;

  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device } = await world.enrolled());
  });
  afterAll(() => world.close());

  /** A call whose proof is good. */
  async function call({ method, path, body = "", type = "application/json", from = "127.0.0.1", stranger }: Call) {
    const url = `http://localhost:4001/wallet/v1${path}`;
    const proof = await createDeviceProof({
      key: stranger ?? device.keys.authentication,
      deviceId: stranger ? undefined : device.client.deviceId,
      method,
      url,
      body: Buffer.from(body),
      now: Date.now(),
      random: crypto.getRandomValues(new Uint8Array(16)),
    });
    const headers = { [deviceProofHeader]: proof, "content-type": type };
    const response = await world.fetchFrom(from)(url, { method, headers, ...(body && { body }) });
    const text = await response.text();
    return { response, status: response.status, answer: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  it.each<[Call["method"], string]>([
    ["GET", "/me"],
    ["GET", "/services"],
    ["GET", "/requests"],
    ["PUT", "/services/bank"],
    ["DELETE", "/services/bank"],
    ["POST", `${request}/open`],
    ["POST", `${request}/approve`],
    ["POST", `${request}/decline`],
  ])("%s %s needs an enrolled device", async (method, path) => {
    const stranger = createSigningKey();
    const body =
      { open: '{"via":"link"}', approve: '{"approval":"x"}', bank: '{"requestsBlocked":true}' }[
        path.split("/").at(-1)!
      ] ?? "";
    const { status, answer } = await call({ method, path, body, stranger });
    expect([status, answer.code]).toEqual([401, "UNAUTHENTICATED"]);
  });

  it("is never kept by anybody on the way", async () => {
    const { response, answer } = await call({ method: "GET", path: "/me" });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(answer).toHaveProperty("attributes");
  });

  it.each<[string, string, string]>([
    ["that is no JSON", `${request}/open`, "{"],
    ["with another type in it", `${request}/open`, '{"via":1}'],
    ["with a member too many", `${request}/open`, '{"via":"link","admin":true}'],
    ["that is missing", `${request}/approve`, ""],
    ["of another message", enrolment, '{"via":"link"}'],
  ])("refuses a body %s, without repeating it", async (_, path, body) => {
    const { status, answer } = await call({ method: "POST", path, body });
    expect([status, answer.code]).toEqual([400, "MALFORMED"]);
    expect(answer.detail).toMatch(/^[\w.]+: \w+$/);
  });

  it("refuses a body of another type", async () => {
    const { status, answer } = await call({
      method: "POST",
      path: `${request}/open`,
      body: '{"via":"link"}',
      type: "text/plain",
    });
    expect([status, answer.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
  });

  it("refuses a body that is too long before it looks at anything else", async () => {
    const { status, answer } = await call({ method: "POST", path: `${request}/open`, body: "x".repeat(65_537) });
    expect([status, answer.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  });

  it.each<[Call["method"], string, string]>([
    ["POST", "/requests/short/open", '{"via":"link"}'],
    ["POST", `${request}/open`, '{"via":"link"}'],
    ["POST", `/requests/${"%00".repeat(16)}/open`, '{"via":"link"}'],
    ["POST", enrolment.replace("0", "x"), "{}"],
    ["DELETE", "/services/%00", ""],
    ["DELETE", "/services/%E9%8A%80%E8%A1%8C", ""],
    ["DELETE", `/services/${"a".repeat(257)}`, ""],
    ["GET", "/nothing", ""],
  ])("knows nothing at %s %s", async (method, path, body) => {
    const { status, answer } = await call({ method, path, body });
    expect([status, answer.code]).toEqual([404, "NOT_FOUND"]);
  });

  it("slows down an address that calls too often, and no other", async () => {
    const from = "192.0.2.7";
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => call({ method: "GET", path: "/services", from })),
    );
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]!.response.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await call({ method: "GET", path: "/services", from: "192.0.2.8" })).status).toBe(200);
  });

  it("begins no more enrolments for one address than a household needs", async () => {
    const from = "192.0.2.9";
    const begin = () => call({ method: "POST", path: "/enrolments", from, stranger: createSigningKey() });
    const statuses = (await Promise.all(Array.from({ length: 40 }, begin))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThanOrEqual(20);
    expect(statuses).toContain(429);
  });

  it("tells a caller nothing of an error that is ours", async () => {
    const broken = { ...world.platform, signingAuthority: undefined as never };
    const other = world.device(broken);
    const { enrolmentId, completion } = await other.sign(await world.resident());
    await expect(other.client.completeEnrolment(enrolmentId, completion)).rejects.toMatchObject({
      problem: expect.objectContaining({ code: "INTERNAL", status: 500 }),
    });
    const refused = await other.client.completeEnrolment(enrolmentId, completion).catch((error) => error.problem);
    expect(refused).not.toHaveProperty("detail");
  });
});
