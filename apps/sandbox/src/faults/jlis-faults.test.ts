import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sandboxApp } from "../app.ts";
import { signWithCard, TestVerifier } from "../jlis/test-verifier.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";

let sandbox: TestWorld;
let bank: TestVerifier;
let city: TestVerifier;
beforeAll(async () => {
  sandbox = await startTestWorld();
  [bank, city] = [await TestVerifier.register(sandbox, "bank"), await TestVerifier.register(sandbox, "city")];
});
afterEach(() => sandbox.world.faults.clear());
afterAll(() => sandbox.close());

const question = { requests: [{ kind: "signature", serial: "01" }] };
const statusFor = async (verifier: TestVerifier) => (await verifier.post("/status", question)).status;
const impatient = async (path: string, body: object, milliseconds: number) => {
  const headers = { ...(await bank.token()), "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(milliseconds) };
  return fetch(`${sandbox.url}/jlis/v1${path}`, init);
};

test("J-LIS that is down for one verifier answers the others", async () => {
  sandbox.world.faults.set({ kind: "jlis-down", verifier: bank.id, count: 2 });
  const { status, body } = await bank.post("/status", question);
  expect([status, codeOf(body)]).toEqual([503, "UNAVAILABLE"]);
  expect([await statusFor(city), await statusFor(bank), await statusFor(bank)]).toEqual([200, 503, 200]);
});

test("J-LIS that is down for everyone answers nobody, and still registers", async () => {
  sandbox.world.faults.set({ kind: "jlis-down" });
  expect((await TestVerifier.register(sandbox, "newcomer")).id).toMatch(/^[\w-]{43}$/);
  expect([await statusFor(bank), await statusFor(city)]).toEqual([503, 503]);
});

test("slow is later, and right", async () => {
  sandbox.world.faults.set({ kind: "jlis-slow", verifier: bank.id, seconds: 0.2, count: 1 });
  const begun = performance.now();
  expect(await statusFor(bank)).toBe(200);
  expect(performance.now() - begun).toBeGreaterThan(195);
  expect(sandbox.world.faults.list()).toEqual([]);
});

test("too late is done all the same: asked again, the answer is the one that nobody waited for", async () => {
  const person = await sandbox.register("default");
  const signed = await signWithCard(sandbox, person, bank.consentDocument());
  sandbox.world.faults.set({ kind: "jlis-late", verifier: bank.id, seconds: 60, count: 1 });
  const late = impatient("/consents", { requests: [signed] }, 300);
  await expect(late).rejects.toMatchObject({ name: "TimeoutError" });
  const { registered } = sandbox.world.database.prepare("SELECT count(*) AS registered FROM consents").get() as {
    registered: number;
  };
  expect(registered).toBe(1);
  expect(await bank.ask("/consents", signed)).toMatchObject([{ state: "valid" }]);
});

test("too slow is not done at all by then", async () => {
  sandbox.world.faults.set({ kind: "jlis-slow", verifier: bank.id, seconds: 60, count: 1 });
  await expect(impatient("/status", question, 100)).rejects.toMatchObject({ name: "TimeoutError" });
  expect(await statusFor(bank)).toBe(200);
});

test("a delay holds back a thousand calls and no more", async () => {
  sandbox.world.faults.set({ kind: "jlis-slow", seconds: 60 });
  const app = sandboxApp(sandbox.world);
  const away = new AbortController();
  const ask = () => app.request("/jlis/v1/status", { method: "POST", signal: away.signal });
  const held = Array.from({ length: 1000 }, ask);
  expect((await ask()).status).toBe(503);
  away.abort();
  expect(new Set((await Promise.all(held)).map(({ status }) => status))).toEqual(new Set([401]));
});

test.each([3600, -3600])("tokens are out of time for a J-LIS whose clock is %d seconds off", async (seconds) => {
  sandbox.world.faults.set({ kind: "clock-skew", seconds, verifier: bank.id });
  expect([await statusFor(bank), await statusFor(city)]).toEqual([401, 200]);
});
