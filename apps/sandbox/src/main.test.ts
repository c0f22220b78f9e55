import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, expect, test } from "vitest";
import type { PresentedClock } from "./clock/routes.ts";
import type { Person } from "./people/present.ts";
import type { TimelineEntry } from "./people/timeline.ts";

const directory = mkdtempSync(join(tmpdir(), "xid-sandbox-main-"));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

type Running = { child: ChildProcess; url: string; output(): string; ended: Promise<number | null> };

/** Resolves when the program says that it listens, or has ended. */
async function start(environment: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: { ...process.env, XID_DATA_DIR: directory, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const listening = new Promise<void>((resolve) => {
    const add = (chunk: Buffer) => {
      output += chunk;
      if (output.includes("listening ")) resolve();
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
  });
  await Promise.race([listening, ended]);
  return { child, url: environment.XID_SANDBOX_URL ?? "", output: () => output, ended };
}

const port = 20_000 + (process.pid % 20_000);
const settings = { XID_PORT: String(port), XID_SANDBOX_URL: `http://127.0.0.1:${port}` };
const send = async (url: string, body: object, headers: Record<string, string> = {}) => {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  return fetch(url, init);
};

test("all that was acknowledged is still there after the process was killed", { timeout: 60_000 }, async () => {
  const first = await start(settings);
  expect(first.output()).toContain(`listening ${first.url}`);
  const person = (await (await send(`${first.url}/api/people`, { persona: "default" })).json()) as Person;
  const jpki = await JpkiApplication.select(await new HttpCardReader(first.url).connect(person.id));
  await expect(jpki.verifyPin("signature", "WRONG99")).rejects.toMatchObject({ remaining: 4 });
  const moved = await send(`${first.url}/api/people/${person.id}/events`, { type: "move" });
  const before = (await moved.json()) as Person;
  const authority = await (await fetch(`${first.url}/jpki/ca/signature.cer`)).bytes();
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  await send(`${first.url}/jlis/v1/verifiers`, { name: "test", jwk });
  const now = Math.floor(Date.now() / 1000);
  const issuer = await calculateJwkThumbprint(jwk);
  const token = await new SignJWT({
    aud: `${first.url}/jlis/v1`,
    iss: issuer,
    iat: now,
    exp: now + 60,
    jti: "only once",
  })
    .setProtectedHeader({ alg: "ES256", kid: issuer })
    .sign(privateKey);
  const ask = (url: string) => {
    const question = { requests: [{ kind: "signature", serial: before.card.certificates[0]!.serial }] };
    return send(`${url}/jlis/v1/status`, question, { authorization: `Bearer ${token}` });
  };
  expect(await (await ask(first.url)).json()).toMatchObject({ answers: [{ status: "revoked" }] });
  const session = await new HttpCardReader(first.url).connect(person.id);
  await send(`${first.url}/api/faults`, { kind: "jlis-slow", verifier: issuer, seconds: 0.01, count: 2 });
  first.child.kill("SIGKILL");
  await first.ended;

  const second = await start(settings);
  const after = await (await fetch(`${second.url}/api/people/${person.id}`)).json();
  expect(after).toEqual(before);
  expect((after as Person).card.triesLeft.signature).toBe(4);
  expect(await (await fetch(`${second.url}/jpki/ca/signature.cer`)).bytes()).toEqual(authority);
  expect((await ask(second.url)).status).toBe(401);
  const faults = await (await fetch(`${second.url}/api/faults`)).json();
  expect(faults).toMatchObject([{ kind: "jlis-slow", verifier: issuer, count: 1 }]);
  await expect(session.transmit(Uint8Array.of(0, 0x20, 0, 0x80))).rejects.toMatchObject({ code: "CARD_LOST" });
  const renewed = await send(`${second.url}/api/people/${person.id}/events`, { type: "reissue-certificates" });
  expect(((await renewed.json()) as Person).card.certificates.map(({ status }) => status)).toEqual(["good", "good"]);

  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
  const numbers = /99990\d{7}/;
  expect(first.output() + second.output()).not.toMatch(numbers);
  expect(first.output() + second.output()).not.toContain(person.pins.signature);
});

test("a move of the clock that was killed in the middle goes on at the next start, and everything happens once, in order", {
  timeout: 60_000,
}, async () => {
  const first = await start(settings);
  const person = (await (await send(`${first.url}/api/people`, { persona: "default" })).json()) as Person;
  const begun = Math.floor(Date.now() / 1000) * 1000;
  const days = Array.from({ length: 12 }, (_, month) => new Date(begun + (month + 1) * 30 * 86_400_000).toISOString());
  for (const at of days.toReversed()) {
    const event = { type: "reissue-certificates", at };
    expect((await send(`${first.url}/api/people/${person.id}/events`, event)).status).toBe(202);
  }
  const timeline = async () =>
    (await (await fetch(`${settings.XID_SANDBOX_URL}/api/people/${person.id}/timeline`)).json()) as TimelineEntry[];
  const done = async () =>
    (await timeline()).filter(({ type, state }) => type === "reissue-certificates" && state === "done");
  const moving = send(`${first.url}/api/clock`, { by: "P2Y" }).catch(() => undefined);
  await expect.poll(async () => (await done()).length, { timeout: 30_000, interval: 1 }).toBeGreaterThan(1);
  first.child.kill("SIGKILL");
  await Promise.all([first.ended, moving]);

  const second = await start(settings);
  const clock = async () => (await (await fetch(`${second.url}/api/clock`)).json()) as PresentedClock;
  await expect.poll(async () => (await clock()).movingTo, { timeout: 30_000 }).toBeUndefined();
  expect(Date.parse((await clock()).now) - Date.now()).toBeGreaterThan(729 * 86_400_000);
  const happened = await done();
  expect(happened.map(({ at }) => at)).toEqual(days);
  const replaced = happened.map(({ issued }) => issued[0]!.replaces);
  expect(replaced.slice(1)).toEqual(happened.slice(0, -1).map(({ issued }) => issued[0]!.serial));
  second.child.kill("SIGTERM");
  expect(await second.ended).toBe(0);
});

test("only the user who started it can read what it stores", () => {
  expect(statSync(join(directory, "sandbox")).mode & 0o077).toBe(0);
});

test.each([
  [{ XID_PORT: "many" }, "XID_PORT must be a port number"],
  [{ XID_SANDBOX_URL: "nowhere" }, "XID_SANDBOX_URL must be an http or https URL"],
  [{ XID_APP_URL: "ftp://x" }, "XID_APP_URL must be an http or https URL"],
  [{ XID_DATA_DIR: import.meta.filename }, "ENOTDIR"],
])("with the setting %j it ends with one clear sentence", async (environment, sentence) => {
  const { ended, output } = await start({ ...settings, ...environment } as Record<string, string>);
  expect(await ended).toBe(1);
  expect(output().trim().split("\n")).toHaveLength(1);
  expect(output()).toContain(sentence);
});
