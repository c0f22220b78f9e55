import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startTestWorld, type TestWorld } from "./test-world.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

test("the sandbox says that it is ready", async () => {
  const response = await fetch(`${sandbox.url}/healthz`);
  expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
});

test("only the xID app's origin is let in from other origins", async () => {
  const preflight = async (origin: string) => {
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    };
    const response = await fetch(`${sandbox.url}/api/people`, { method: "OPTIONS", headers });
    return response.headers.get("access-control-allow-origin");
  };
  expect(await preflight("http://localhost:4002")).toBe("http://localhost:4002");
  expect(await preflight("http://evil.example")).not.toBe("http://evil.example");
});

test.each(["/api/people", "/reader/hanako/session"])(
  "a simple request from elsewhere to %s does nothing",
  async (path) => {
    const answer = await sandbox.post(path, { persona: "default" }, { origin: "http://evil.example" });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, "ORIGIN_REFUSED"]);
  },
);

test("a body is JSON by its type too, so that no form can carry it", async () => {
  const answer = await sandbox.post("/api/people", { persona: "default" }, { "content-type": "text/plain" });
  expect([answer.status, codeOf(answer.body)]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"]);
});

test("a large body is refused, announced or not", async () => {
  const large = "x".repeat(100_000);
  const announced = await sandbox.post("/api/people", large);
  expect([announced.status, codeOf(announced.body)]).toEqual([413, "TOO_LARGE"]);
  const body = new Blob([large]).stream();
  const init = { method: "POST", body, duplex: "half", headers: { "content-type": "application/json" } } as const;
  const streamed = await fetch(`${sandbox.url}/api/people`, init);
  expect([streamed.status, codeOf(await streamed.json())]).toEqual([413, "TOO_LARGE"]);
});

test("paths that lead nowhere are problems with a code", async () => {
  for (const path of ["/nowhere", "/api/nowhere", "/jpki/crl/other.crl", "/reader/sessions/x"]) {
    const response = await fetch(sandbox.url + path);
    expect([response.status, response.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    expect(codeOf(await response.json())).toBe("NOT_FOUND");
  }
});

test("a badly written OCSP path is malformed", async () => {
  const response = await fetch(`${sandbox.url}/jpki/ocsp/signature/%E0%A4%A`);
  expect([response.status, codeOf(await response.json())]).toEqual([400, "MALFORMED"]);
});
