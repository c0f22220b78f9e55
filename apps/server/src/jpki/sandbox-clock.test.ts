import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readAccountState } from "../identity/account-state.ts";
import { checkCertificateStanding } from "../identity/certificate-standing.ts";
import { office, refusalOf, spawnSandbox, TestWorld } from "../test-world.ts";
import { followSandboxClock } from "./sandbox-clock.ts";

const year = 365.25 * 86_400_000;

describe("the sandbox's clock, moved forward,", () => {
  let world: TestWorld;
  let sandboxUrl: string;
  const advance = (by: string) => office(sandboxUrl, "/api/clock", { by });

  beforeAll(async () => {
    world = await TestWorld.start({ sandbox: spawnSandbox() });
    sandboxUrl = world.sandboxUrl;
  });
  afterAll(() => world.close());

  /** Until the platform has heard of the move: it asks again after a quarter of a second. */
  async function isAhead(years: number) {
    const ahead = async () => (await world.platform.jpki.now()) - Date.now();
    await expect.poll(ahead).toBeGreaterThan(years * year);
  }

  it("lets certificates expire for the platform, and dates what it records", async () => {
    const resident = await office(sandboxUrl, "/api/people", { persona: "default" });
    const device = world.device();
    const later = world.device();
    await device.enrol(resident);
    const { accountId } = device.ids;
    const { certificate } = await readAccountState(world.platform, accountId);
    expect((await checkCertificateStanding(world.platform, certificate)).status).toBe("good");

    await advance("P5Y");
    await isAhead(4.9);
    // Device proofs and statements are as fresh as ever: their time is the real one.
    expect((await checkCertificateStanding(world.platform, certificate)).status).toBe("expired");
    expect(await refusalOf(later.enrol(resident))).toBe("CERTIFICATE_EXPIRED");

    await world.happens(resident, { type: "renew" });
    await later.enrol(resident, "replace");
    expect(later.ids.accountId).toBe(accountId);
    const evidence = await world.platform.database
      .selectFrom("evidence")
      .select("created_at")
      .where("account_id", "=", accountId)
      .orderBy("created_at", "desc")
      .executeTakeFirstOrThrow();
    expect(evidence.created_at.getTime() - Date.now()).toBeGreaterThan(4.9 * year);
  });

  it("is believed as it was last while the sandbox does not answer", async () => {
    let answers = true;
    const server = createServer((_, response) => {
      if (answers) response.end('{"aheadMilliseconds":86400000}');
      else response.writeHead(500).end();
    }).listen(0);
    try {
      let time = 0;
      const now = followSandboxClock(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => time);
      expect(await now()).toBe(86_400_000);
      answers = false;
      time = 1000;
      expect(await now()).toBe(86_401_000);
    } finally {
      server.close();
    }
  });
});

describe("in production", () => {
  /** Connects to JPKI in a process of its own, and tells which of our modules that loaded. */
  async function modulesOf(profile: string): Promise<string> {
    const script = `
      import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) { console.log(url); return next(url, context); } });
      const { openClock } = await import(${JSON.stringify(new URL("./jpki.ts", import.meta.url).href)});
      const { readConfig } = await import(${JSON.stringify(new URL("../config.ts", import.meta.url).href)});
      const now = await openClock(readConfig(process.env), () => 42);
      console.log("time " + (await now()));`;
    const environment = {
      XID_PROFILE: profile,
      XID_SANDBOX_URL: "http://127.0.0.1:9",
      XID_ISSUER: "https://id.example",
      XID_APP_URL: "https://app.example",
      XID_OCSP_SIGNATURE_URL: "http://ocsp.example",
      XID_OCSP_AUTHENTICATION_URL: "http://ocsp.example",
      XID_CRL_SIGNATURE_URL: "http://crl.example",
      XID_CRL_AUTHENTICATION_URL: "http://crl.example",
      XID_JLIS_URL: "https://jlis.example",
    };
    const options = { env: { ...process.env, ...environment } };
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], options);
    return stdout;
  }

  it("the clock is the machine's, and what follows the sandbox's is not even loaded", async () => {
    const loaded = await modulesOf("production");
    expect(loaded).toContain("time 42");
    expect(loaded).toContain("/jpki/jpki.ts");
    expect(loaded).not.toContain("sandbox-clock");
    expect(await modulesOf("sandbox")).toContain("sandbox-clock");
  });
});
