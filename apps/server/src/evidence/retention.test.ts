import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasTool } from "@xid/pki/testing";
import type { AmlRecord } from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDevice, TestWorld } from "../test-world.ts";
import { amlCsv } from "./aml-csv.ts";
import { amlMethodAt } from "./aml-method.ts";
import { amlPdf } from "./aml-pdf.ts";
import { readAmlRecords } from "./aml-records.ts";
import { type AuditSummary, auditEvidence, type Finding } from "./audit.ts";
import { exportEvidence } from "./export.ts";
import { loadLogKey } from "./log-key.ts";
import { eraseExpired, readRelationship, writeRelationship } from "./retention.ts";
import { sequence } from "./sequencer.ts";

const year = 366 * 24 * 3_600_000;

let world: TestWorld;
let device: TestDevice;
let name: string;

async function audit(): Promise<{ findings: Finding[]; summary: AuditSummary }> {
  const findings: Finding[] = [];
  const running = auditEvidence(world.platform, { log: world.platform.evidenceLog.key });
  for (;;) {
    const { done, value } = await running.next();
    if (done) return { findings, summary: value };
    findings.push(value);
  }
}

async function grow(): Promise<void> {
  const { config, database, clock } = world.platform;
  await sequence({ database, clock }, await loadLogKey(`${config.dataDirectory}/keys`, config.issuer));
}

const approve = async (clientId: string) => {
  await device.approve(await world.request({ clientId }), ["name"]);
  await grow();
};
const ids = (clientId = "bank") => ({ accountId: device.ids.accountId, clientId });
const acts = async (clientId: string) =>
  (
    await world.platform.database
      .selectFrom("evidence")
      .select("evidence_id")
      .where("account_id", "=", device.ids.accountId)
      .where("client_id", "=", clientId)
      .execute()
  ).map(({ evidence_id }) => evidence_id);
const period = { from: new Date("2026-01-01"), to: new Date("2036-01-01"), limit: 10, whole: true };

beforeAll(async () => {
  world = await TestWorld.start();
  const enrolled = await world.enrolled();
  device = enrolled.device;
  name = enrolled.resident.name;
  await approve("bank");
  await approve("bank");
  await approve("shop");
});
afterAll(() => world.close());

describe("a relying party's records", () => {
  it("have the fields of the law as far as they are known, in the order of their time, page by page", async () => {
    const { platform } = world;
    const first = await readAmlRecords(platform, { ...period, clientId: "bank", limit: 1 });
    const second = await readAmlRecords(platform, { ...period, clientId: "bank", after: first.next!, limit: 1 });
    expect(second.next).toBeNull();
    const records = [...first.records, ...second.records].map(({ record }) => record);
    expect(records.map(({ evidenceId }) => evidenceId).toSorted()).toEqual((await acts("bank")).toSorted());
    expect(records[0]).toMatchObject({
      kind: "sign_in",
      method: { letter: "ワ", lawVersion: "2025-06-24", name: "jpki_signature_certificate" },
      basis: "enrolment",
      certificateCheckedBy: "ocsp",
      items: { name },
      logIndex: expect.any(Number),
      keptUntil: null,
    });
  });

  it("name method and certificate only to who may have them", async () => {
    const { records } = await readAmlRecords(world.platform, { ...period, clientId: "bank", whole: false });
    for (const { record } of records) expect([record.method, record.certificate]).toEqual([null, null]);
  });

  it("are found by the letter of the law of their day, which is not known after the amendment", () => {
    expect(amlMethodAt(new Date("2027-03-31T14:59:59Z")).letter).toBe("ワ");
    expect(amlMethodAt(new Date("2027-03-31T15:00:00Z"))).toMatchObject({ lawVersion: "2027-04-01", letter: null });
  });
});

describe("files of records", () => {
  let records: AmlRecord[];
  beforeAll(async () => {
    const read = await readAmlRecords(world.platform, { ...period, clientId: "bank" });
    records = read.records.map(({ record }) => ({ ...record, subject: "subject" }));
  });

  it("as CSV open in a spreadsheet and hold no formula", () => {
    const [record] = records;
    const hostile = { ...record!, items: { name: '=HYPERLINK("http://x"),\n' }, purpose: { ja: "+1", en: "" } };
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(amlCsv([hostile]));
    expect(text.startsWith("\ufeff確認を行った者,")).toBe(true);
    expect(text).toContain(`"'=HYPERLINK(""http://x""),\n"`);
    expect(text).toContain(",'+1,");
    expect(text.endsWith("\r\n")).toBe(true);
  });

  it.skipIf(!hasTool("pdftotext"))("as PDF are the same for the same records, and can be read as text", async () => {
    const of = { from: period.from, to: period.to, client: "bank" };
    const many = Array.from({ length: 12 }, () => records[0]!);
    const rare = { ...records[0]!, items: { name: "𠮷野　\u{E000}" } };
    const [one, again] = await Promise.all([amlPdf([...many, rare], of), amlPdf([...many, rare], of)]);
    expect(Buffer.compare(one, again)).toBe(0);
    const folder = mkdtempSync(join(tmpdir(), "xid-pdf-"));
    writeFileSync(join(folder, "records.pdf"), one);
    const text = execFileSync("pdftotext", ["-layout", join(folder, "records.pdf"), "-"], { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect(text).toContain("取引時確認記録");
    expect(text.replaceAll(/\s/g, "")).toContain(name.replace("\u3000", ""));
    expect(text).toContain("〓");
    expect(text).toMatch(/\d+ \/ \d+/);
  });
});

describe("the end of a relationship", () => {
  it("keeps its evidence for seven years, longer where there is a hold, and the log for ever", async () => {
    const { platform } = world;
    const [before] = await acts("bank");
    const now = await platform.jpki.now();
    await writeRelationship(platform, ids(), { endedAt: new Date(now), hold: "裁判所の命令", now: new Date(now) });
    expect(await readRelationship(platform, ids())).toMatchObject({ hold: "裁判所の命令" });
    expect(await eraseExpired(platform, now + 8 * year)).toBe(0);
    await writeRelationship(platform, ids(), { endedAt: new Date(now), hold: null, now: new Date(now) });
    expect(await eraseExpired(platform, now + 6.9 * year)).toBe(0);
    expect(await eraseExpired(platform, now + 7.1 * year)).toBe(2);
    expect(await eraseExpired(platform, now + 7.1 * year)).toBe(0);
    expect(await acts("bank")).toEqual([]);
    expect(await acts("shop")).toHaveLength(1);
    expect(await exportEvidence(platform, device.ids.accountId, before!)).toBeUndefined();
    expect((await readRelationship(platform, ids())).erasedAt).not.toBeNull();
    await grow();
    expect(await audit()).toMatchObject({ findings: [], summary: { erased: 2 } });
    expect((await device.client.history()).acts.map(({ kind }) => kind).toSorted()).toEqual(["enrolment", "sign_in"]);
  });

  it("erases nothing that is younger, whatever day the relying party names", async () => {
    const { platform } = world;
    const now = await platform.jpki.now();
    const endedAt = new Date(now - 30 * year);
    await writeRelationship(platform, ids("shop"), { endedAt, hold: null, now: new Date(now) });
    expect(await eraseExpired(platform, now)).toBe(0);
    expect(await acts("shop")).toHaveLength(1);
    expect((await readRelationship(platform, ids("shop"))).erasedAt).toBeNull();
    await writeRelationship(platform, ids("shop"), { endedAt: null, hold: null, now: new Date(now) });
  });

  it("is undone by whoever goes on, and done again for what came later", async () => {
    const { platform } = world;
    const now = await platform.jpki.now();
    await approve("bank");
    await writeRelationship(platform, ids(), { endedAt: null, hold: null, now: new Date(now) });
    expect(await eraseExpired(platform, now + 20 * year)).toBe(0);
    expect((await acts("bank")).length).toBe(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["was forgotten", () => world.platform.database.deleteFrom("evidence_erasures").execute()],
    [
      "tells another commitment",
      () =>
        world.platform.database
          .updateTable("evidence_erasures")
          .set({ commitment: Buffer.alloc(32) })
          .execute(),
    ],
    [
      "names another record",
      () =>
        world.platform.database
          .updateTable("evidence_erasures")
          .set({ erasure_evidence_id: "00000000-0000-4000-8000-000000000000" })
          .execute(),
    ],
    [
      "is of another record",
      () =>
        world.platform.database
          .updateTable("evidence_erasures")
          .set(({ ref }) => ({ evidence_id: ref("erasure_evidence_id") }))
          .where("evidence_id", "=", erased!)
          .execute(),
    ],
  ])("whose erasure %s is found by the audit", async (_, change) => {
    const { database } = world.platform;
    const rows = await database.selectFrom("evidence_erasures").selectAll().execute();
    erased = rows[0]!.evidence_id;
    await change();
    const codes = (await audit()).findings.map(({ code }) => code);
    expect(codes.some((code) => code === "ERASURE_MISMATCH" || code === "LEAF_WITHOUT_RECORD")).toBe(true);
    await database.deleteFrom("evidence_erasures").execute();
    await database.insertInto("evidence_erasures").values(rows).execute();
    expect((await audit()).findings).toEqual([]);
  });
});

let erased: string | undefined;
