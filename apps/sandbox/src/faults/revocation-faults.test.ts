import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Person } from "../people/present.ts";
import { codeOf, openssl, opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import { redateList } from "./redate-list.ts";

const day = 86_400_000;
let sandbox: TestWorld;
let good: Person;
let jpkiUrl: string;
let ca: string;
beforeAll(async () => {
  sandbox = await startTestWorld();
  good = await sandbox.register("default");
  await sandbox.register("moved-last-week");
  await sandbox.register("certificate-revoked");
  const jwk = await exportJWK((await generateKeyPair("ES256")).publicKey);
  const { body } = await sandbox.post("/jlis/v1/verifiers", { name: "bank", jwk });
  ({ jpkiUrl } = body as { jpkiUrl: string });
  const der = sandbox.file("ca.cer", new Uint8Array(await (await fetch(`${jpkiUrl}/ca/signature.cer`)).arrayBuffer()));
  ca = `${sandbox.directory}/ca.pem`;
  if (!opensslMissing) openssl("x509", "-inform", "der", "-in", der, "-out", ca);
});
afterEach(() => sandbox.world.faults.clear());
afterAll(() => sandbox.close());

const verifier = () => jpkiUrl.split("/").at(-1)!;
const everywhere = () => `${sandbox.url}/jpki`;
const serial = () => good.card.certificates.find(({ kind }) => kind === "signature")!.serial;

async function askOcsp(base: string): Promise<string> {
  const parameters = ["ocsp", "-issuer", ca, "-CAfile", ca, "-serial", `0x${serial()}`];
  const run = promisify(execFile)("openssl", [...parameters, "-url", `${base}/ocsp/signature`]);
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  return stdout + stderr;
}

async function readList(base: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`${base}/crl/signature.crl`)).arrayBuffer());
}

function listText(der: Uint8Array): string {
  const file = sandbox.file("list.crl", der);
  return openssl("crl", "-inform", "der", "-in", file, "-CAfile", ca, "-noout", "-text");
}
const dateIn = (text: string, name: string) => Date.parse(new RegExp(`${name}: (.*)`).exec(text)![1]!);
const entriesIn = (text: string) => text.match(/Serial Number/g)?.length ?? 0;

test("a verifier's own addresses are the same authority", async () => {
  for (const path of ["/ca/signature.cer", "/crl/signature.crl"]) {
    const [own, common] = await Promise.all([jpkiUrl, everywhere()].map((base) => fetch(base + path)));
    expect(Buffer.from(await own!.arrayBuffer())).toEqual(Buffer.from(await common!.arrayBuffer()));
    expect(own!.headers.get("content-type")).toBe(common!.headers.get("content-type"));
  }
});

test.each(["/jpki/for/nobody/crl/signature.crl", "/jpki/for/nobody", "/jpki/for/", "/jpki"])(
  "there is nothing at %s",
  async (path) => {
    const response = await fetch(sandbox.url + path);
    expect([response.status, codeOf(await response.json())]).toEqual([404, "NOT_FOUND"]);
  },
);

test("a responder that is down answers 503, so often as it was said, and to that verifier only", async () => {
  sandbox.world.faults.set({ kind: "ocsp-down", verifier: verifier(), count: 2 });
  const ask = async (base: string) => (await fetch(`${base}/ocsp/signature`, { method: "POST", body: "x" })).status;
  expect(await ask(everywhere())).toBe(200);
  expect([await ask(jpkiUrl), await ask(jpkiUrl), await ask(jpkiUrl)]).toEqual([503, 503, 200]);
});

test("everyone's fault is everyone's", async () => {
  sandbox.world.faults.set({ kind: "ocsp-down" });
  for (const base of [jpkiUrl, everywhere()]) {
    const response = await fetch(`${base}/ocsp/signature`, { method: "POST", body: "x" });
    expect([response.status, codeOf(await response.json())]).toEqual([503, "UNAVAILABLE"]);
    expect((await fetch(`${base}/crl/signature.crl`)).status).toBe(200);
  }
});

test("an answer that bears no signature has none to spoil", async () => {
  sandbox.world.faults.set({ kind: "ocsp-wrong-signature" });
  const ask = async () => (await fetch(`${everywhere()}/ocsp/signature`, { method: "POST", body: "x" })).bytes();
  const malformed = Uint8Array.of(0x30, 3, 0x0a, 1, 1);
  expect(await ask()).toEqual(malformed);
});

describe.skipIf(opensslMissing)(`openssl meets the faults (${opensslMissing ?? "installed"})`, () => {
  test("an OCSP answer with a wrong signature does not verify, and without the fault it does", async () => {
    sandbox.world.faults.set({ kind: "ocsp-wrong-signature", verifier: verifier() });
    expect(await askOcsp(jpkiUrl)).toMatch(/Response Verify Failure|signature failure/i);
    expect(await askOcsp(everywhere())).toContain("Response verify OK");
    sandbox.world.faults.clear();
    expect(await askOcsp(jpkiUrl)).toContain("Response verify OK");
  });

  test("a responder whose clock is wrong is not yet, or no longer, valid", async () => {
    sandbox.world.faults.set({ kind: "clock-skew", seconds: 3600, verifier: verifier() });
    expect(await askOcsp(jpkiUrl)).toContain("not yet valid");
    sandbox.world.faults.set({ kind: "clock-skew", seconds: -3600, verifier: verifier() });
    expect(await askOcsp(jpkiUrl)).toContain("status expired");
    expect(await askOcsp(everywhere())).toMatch(/: good/);
  });

  test("a stale list is signed by the authority, ended yesterday, and lacks what happened since", async () => {
    const revokedToday = await sandbox.register("default");
    await sandbox.happen(revokedToday.id, { type: "revoke" });
    const fresh = listText(await readList(jpkiUrl));
    sandbox.world.faults.set({ kind: "crl-stale", verifier: verifier() });
    const stale = listText(await readList(jpkiUrl));
    expect(Date.now() - dateIn(stale, "Next Update")).toBeGreaterThan(day - 5000);
    expect(dateIn(stale, "Next Update") - dateIn(stale, "Last Update")).toBe(day);
    expect(entriesIn(stale)).toBe(entriesIn(fresh) - 1);
    expect(entriesIn(stale)).toBeGreaterThan(0);
    expect(listText(await readList(everywhere()))).toBe(fresh);
  });

  test("the list of a wrong clock bears its time", async () => {
    sandbox.world.faults.set({ kind: "clock-skew", seconds: 7200, verifier: verifier() });
    const text = listText(await readList(jpkiUrl));
    expect(Math.round((dateIn(text, "Last Update") - Date.now()) / 60_000)).toBe(120);
  });

  test("a list from before the first revocation has no entries", async () => {
    const list = redateList(sandbox.world.database, await readList(everywhere()), {
      thisUpdate: new Date(0),
      nextUpdate: new Date(day),
    });
    expect(listText(list)).toContain("No Revoked Certificates");
  });
});

test("any bytes are a list to redate, or a TypeError", async () => {
  const list = await readList(everywhere());
  const dates = { thisUpdate: new Date(), nextUpdate: new Date() };
  const attempt = (bytes: Uint8Array) => {
    try {
      redateList(sandbox.world.database, bytes, dates);
      return "redated";
    } catch (error) {
      if (error instanceof TypeError) return "refused";
      throw error;
    }
  };
  expect(attempt(list)).toBe("redated");
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => attempt(bytes) === "refused"));
  const changed = fc.tuple(fc.nat(list.length - 1), fc.nat(254));
  fc.assert(
    fc.property(changed, ([at, value]) => {
      const bytes = Uint8Array.from(list);
      bytes[at] = (bytes[at]! + 1 + value) % 256;
      return ["redated", "refused"].includes(attempt(bytes));
    }),
  );
});
