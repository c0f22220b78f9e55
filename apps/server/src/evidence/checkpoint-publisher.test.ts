import { createHash, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatNoteKey, verifyCheckpoint } from "@xid/pki";
import { fileWitnessStore, type RunningWitness, startWitness, Witness } from "@xid/sdk/witness";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../config.ts";
import { OutageLog } from "../jpki/outage-log.ts";
import { createTestDatabase, type TestDatabase } from "../store/test-database.ts";
import { TestWorld } from "../test-world.ts";
import { publishCheckpoint, type Vouchers } from "./checkpoint-publisher.ts";
import { noAccount } from "./checkpoint-stamp.ts";
import { proveRecord, readCheckpoint } from "./log.ts";
import type { LogKey } from "./log-key.ts";
import { sequence } from "./sequencer.ts";
import { openTimestampAuthority, type Timestamp } from "./timestamp-authority.ts";
import { WitnessClient } from "./witness-client.ts";

let test: TestDatabase;
let directory: string;
let key: LogKey;
let witness: Witness;
let served: RunningWitness;
let logged: { level: string; code: unknown }[];
let now: number;

const note = (level: string) => (details: { code?: unknown; source?: unknown }) =>
  logged.push({ level, code: details.code ?? details.source });
const parts = () => ({
  database: test.database,
  clock: () => now,
  log: { warn: note("warn"), error: note("error") } as never,
});
const queue = async (count: number) => {
  const rows = Array.from({ length: count }, () => ({
    account_id: randomUUID(),
    evidence_id: randomUUID(),
    commitment: randomBytes(32),
    queued_at: new Date(),
  }));
  await test.database.insertInto("evidence_queue").values(rows).execute();
  await sequence(parts(), key);
  return rows.map(({ account_id: accountId, evidence_id: evidenceId }) => ({ accountId, evidenceId }));
};
const stamp = (): Promise<Timestamp> =>
  Promise.resolve({ token: Buffer.from("token"), list: Buffer.from("list"), time: new Date(now) });
const outages = () => new OutageLog(parts().log, () => now);
const vouchers = (more: Partial<Vouchers> = {}): Vouchers => ({
  timestamp: undefined,
  stampInterval: 3_600_000,
  witnesses: [new WitnessClient({ key: witness.key, url: served.url })],
  outages: outages(),
  ...more,
});
const rows = () => test.database.selectFrom("log_checkpoints").selectAll().orderBy("size").execute();

beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "xid-publisher-"));
  now = 1_790_000_000_000;
  logged = [];
  key = { name: `xid.example/${randomUUID()}`, kind: "ed25519", ...generateKeyPairSync("ed25519") };
  for (const table of ["log_checkpoints", "log_heads", "log_tiles", "evidence_leaves", "evidence_queue"] as const) {
    await test.database.deleteFrom(table).execute();
  }
  await served?.close();
  const { privateKey } = generateKeyPairSync("ed25519");
  const store = await fileWitnessStore(directory);
  witness = new Witness({ name: "city.example/witness", privateKey, logs: [key], store });
  served = await startWitness(witness, { port: 0 });
});
afterAll(async () => {
  await served.close();
  await test.close();
  await rm(directory, { recursive: true });
});

describe("the log's checkpoint", () => {
  it("is cosigned as the log grows, shown to everybody with the signature, and proves records", async () => {
    await queue(5);
    expect(await publishCheckpoint(parts(), key.name, vouchers())).toBe("published");
    const [act] = await queue(300);
    const again = vouchers();
    expect(await publishCheckpoint(parts(), key.name, again)).toBe("published");
    expect(await publishCheckpoint(parts(), key.name, again)).toBe("nothing new");
    const trust = { log: key, witnesses: [witness.key], quorum: 1 };
    expect(verifyCheckpoint((await readCheckpoint(parts(), key.name))!, trust).size).toBe(305);
    expect(verifyCheckpoint((await proveRecord(parts(), key.name, act!))!.checkpoint, trust).size).toBe(305);
    expect(logged).toEqual([]);
  });

  it("is stamped once in an interval, and of two stamps a record has the earlier one", async () => {
    const [first] = await queue(1);
    const both = vouchers({ timestamp: { stamp } });
    await publishCheckpoint(parts(), key.name, both);
    await queue(1);
    await publishCheckpoint(parts(), key.name, both);
    expect((await rows()).map(({ size, token }) => [size, token !== null])).toEqual([
      ["1", true],
      ["3", false],
    ]);
    now += 3_600_000;
    await queue(1);
    await publishCheckpoint(parts(), key.name, both);
    // What was only cosigned is covered by the stamp now.
    expect((await rows()).map(({ size }) => size)).toEqual(["1", "4"]);
    expect(await proveRecord(parts(), key.name, first!)).toMatchObject({
      size: 1,
      timestamp: { list: expect.anything() },
    });
    expect(await publishCheckpoint(parts(), key.name, both)).toBe("nothing new");
  });

  it("waits for nobody: without authority and witness records are proven, and both catch up", async () => {
    const [act] = await queue(2);
    await served.close();
    const absent = vouchers({ timestamp: { stamp: () => Promise.reject(new Error("down")) } });
    expect(await publishCheckpoint(parts(), key.name, absent)).toBe("unanswered");
    expect(logged).toEqual([{ level: "warn", code: "witness" }]);
    expect(await proveRecord(parts(), key.name, act!)).toMatchObject({ size: 2, timestamp: null });
    served = await startWitness(witness, { port: 0 });
    expect(await publishCheckpoint(parts(), key.name, vouchers({ timestamp: { stamp } }))).toBe("published");
    expect(await proveRecord(parts(), key.name, act!)).toMatchObject({
      size: 2,
      timestamp: { list: expect.anything() },
    });
  });

  it("that was rewritten or set back is refused by the witness, and the operator is told", async () => {
    await queue(10);
    await publishCheckpoint(parts(), key.name, vouchers());
    for (const table of ["log_checkpoints", "log_heads", "log_tiles", "evidence_leaves"] as const) {
      await test.database.deleteFrom(table).execute();
    }
    await queue(4);
    expect(await publishCheckpoint(parts(), key.name, vouchers())).toBe("unanswered");
    await queue(6);
    expect(await publishCheckpoint(parts(), key.name, vouchers())).toBe("unanswered");
    await queue(6);
    expect(await publishCheckpoint(parts(), key.name, vouchers())).toBe("unanswered");
    expect(logged.filter(({ level }) => level === "error")).toEqual([
      { level: "error", code: "ROLLED_BACK" },
      { level: "error", code: "INCONSISTENT" },
      { level: "error", code: "INCONSISTENT" },
    ]);
    const trust = { log: key, witnesses: [witness.key], quorum: 1 };
    const rewritten = (await readCheckpoint(parts(), key.name))!;
    expect(() => verifyCheckpoint(rewritten, trust)).toThrow(expect.objectContaining({ code: "UNTRUSTED" }));
  });

  it("is not published before there is anything in the log", async () => {
    expect(await publishCheckpoint(parts(), key.name, vouchers({ timestamp: { stamp } }))).toBe("nothing new");
  });

  it("has its stamps in the log itself, and is not stamped again for their sake", async () => {
    await queue(3);
    const both = vouchers({ timestamp: { stamp } });
    await publishCheckpoint(parts(), key.name, both);
    expect(await sequence(parts(), key)).toBe(1);
    now += 7_200_000;
    expect(await publishCheckpoint(parts(), key.name, both)).toBe("published");
    expect((await rows()).map(({ size, token }) => [size, token !== null])).toEqual([
      ["3", true],
      ["4", false],
    ]);
    const [stamped] = await rows();
    const ids = { accountId: noAccount, evidenceId: stamped!.evidence_id! };
    expect(await proveRecord(parts(), key.name, ids)).toMatchObject({ index: 3, size: 4 });
  });

  it("is published by several processes at once, once", async () => {
    await queue(20);
    const all = [
      vouchers({ timestamp: { stamp } }),
      vouchers({ timestamp: { stamp } }),
      vouchers({ timestamp: { stamp } }),
    ];
    await Promise.all(all.map((each) => publishCheckpoint(parts(), key.name, each)));
    expect(await rows()).toMatchObject([{ size: "20", cosignatures: 1 }]);
    expect(logged).toEqual([]);
  });
});

describe("the time-stamping authority", () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.start();
  });
  afterAll(() => world.close());

  it("of the sandbox stamps, and its token is verified before it is kept", async () => {
    const authority = (await openTimestampAuthority(world.platform.config, world.platform))!;
    const { token, time } = await authority.stamp(createHash("sha256").update("a checkpoint").digest());
    expect(token.length).toBeGreaterThan(500);
    expect(Math.abs(time.getTime() - Date.now())).toBeLessThan(5_000);
  });

  it("is nobody in production unless somebody was named, and never the simulator's", async () => {
    const production = {
      XID_ISSUER: "https://id.example",
      XID_APP_URL: "https://app.example",
      XID_OCSP_SIGNATURE_URL: "http://ocsp.example/s",
      XID_OCSP_AUTHENTICATION_URL: "http://ocsp.example/a",
      XID_CRL_SIGNATURE_URL: "http://crl.example/s",
      XID_CRL_AUTHENTICATION_URL: "http://crl.example/a",
      XID_JLIS_URL: "https://jlis.example",
    };
    expect(await openTimestampAuthority(readConfig(production), world.platform)).toBeUndefined();
    const roots = await mkdtemp(join(tmpdir(), "xid-tsa-"));
    const pem = await (await fetch(`${world.sandboxUrl}/tsa/ca.pem`)).text();
    const named = {
      ...production,
      XID_TSA_URL: `${world.sandboxUrl}/tsa`,
      XID_TSA_CRL_URL: `${world.sandboxUrl}/tsa/ca.crl`,
      XID_TSA_TRUST_DIR: roots,
    };
    await expect(openTimestampAuthority(readConfig(named), world.platform)).rejects.toMatchObject({
      code: "NO_ANCHORS",
    });
    await writeFile(join(roots, "root.pem"), pem);
    await expect(openTimestampAuthority(readConfig(named), world.platform)).rejects.toMatchObject({
      code: "SIMULATED_ANCHOR",
    });
    await rm(roots, { recursive: true });
  });
});

describe("settings of witnesses", () => {
  it("name key and address", () => {
    const vkey = formatNoteKey(witness.key);
    const config = readConfig({
      XID_PROFILE: "sandbox",
      XID_WITNESSES: `${vkey} http://w.example/a/, ${vkey} https://x.example`,
    });
    expect(config.evidence.witnesses.map(({ url }) => url)).toEqual(["http://w.example/a", "https://x.example"]);
  });

  it.each(["no key", "http://w.example", "+ http://w.example"])("that say %j are refused by name", (text) => {
    expect(() => readConfig({ XID_PROFILE: "sandbox", XID_WITNESSES: text })).toThrow("XID_WITNESSES");
  });
});
