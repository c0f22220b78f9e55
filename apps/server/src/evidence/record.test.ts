import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { contentDigest, decodeJws } from "@xid/protocol";
import type { Selectable } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../store/database.ts";
import { type TestDevice, TestWorld } from "../test-world.ts";
import { openClientRecord, pairCommitment } from "./client-record.ts";
import { commitmentOf, readEvidence } from "./record.ts";

type Row = Selectable<Tables["evidence"]>;

describe("evidence", () => {
  let world: TestWorld;
  let device: TestDevice;
  let enrolment: Row;
  let signIn: Row;

  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device } = await world.enrolled());
    await device.approve(await world.request(), ["name"]);
    const rows = await world.platform.database
      .selectFrom("evidence")
      .selectAll()
      .where("account_id", "=", device.ids.accountId)
      .execute();
    expect(rows).toHaveLength(2);
    const find = (kind: string) => rows.find((row) => row.kind === kind)!;
    [enrolment, signIn] = [find("enrolment"), find("sign_in")];
  });
  afterAll(() => world.close());

  const read = (row: Row) => JSON.parse(readEvidence(world.platform, row).record.toString("utf8"));
  const fromText = (text: string) => Buffer.from(text, "base64url");

  it("of every act has a commitment that its salt and record give again", () => {
    for (const row of [enrolment, signIn]) {
      const { salt, record } = readEvidence(world.platform, row);
      const own = createHash("sha256").update(salt).update(record).digest();
      const client = openClientRecord(world.platform, row);
      expect(client === null).toBe(row === enrolment);
      expect(client ? pairCommitment(own, commitmentOf(client.salt, client.record)) : own).toEqual(row.commitment);
    }
  });

  it("has a salt of its own, so that a commitment tells nothing", () => {
    const salts = [enrolment, signIn].map((row) => readEvidence(world.platform, row).salt);
    expect(salts.map(({ length }) => length)).toEqual([32, 32]);
    expect(salts[0]!.equals(salts[1]!)).toBe(false);
  });

  it.each([0, 5, 20, -1])("that was altered in its byte at %i does not open", (place) => {
    const altered = Buffer.from(signIn.record_sealed);
    altered[place < 0 ? altered.length + place : place]! ^= 1;
    expect(() => readEvidence(world.platform, { ...signIn, record_sealed: altered })).toThrow();
  });

  it("does not open in another's place", () => {
    expect(() => readEvidence(world.platform, { ...signIn, evidence_id: enrolment.evidence_id })).toThrow();
    expect(() => readEvidence(world.platform, { ...signIn, account_id: crypto.randomUUID() })).toThrow();
    expect(() => readEvidence(world.platform, { ...signIn, record_sealed: enrolment.record_sealed })).toThrow();
  });

  it("of an enrolment proves by itself that the card signed for these keys", () => {
    const record = read(enrolment);
    const { publicKey } = new X509Certificate(Buffer.from(record.certificate.certificate, "base64"));
    for (const member of ["statement", "jlisConsent"]) {
      const signature = fromText(record[`${member}Signature`]);
      expect(verify("sha256", fromText(record[member]), publicKey, signature)).toBe(true);
    }
    expect(JSON.parse(fromText(record.statement).toString()).keys.signing).toEqual(device.keys.signing.publicJwk);
    const issuer = new X509Certificate(Buffer.from(record.certificate.issuers[0], "base64"));
    expect(new X509Certificate(Buffer.from(record.certificate.certificate, "base64")).verify(issuer.publicKey)).toBe(
      true,
    );
  });

  it("of a sign-in proves by itself that the device signed what was shown", () => {
    const record = read(signIn);
    const { payload, signingInput, signature } = decodeJws(record.approval);
    const key = createPublicKey({ key: record.deviceKey, format: "jwk" });
    expect(verify("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    expect(payload).toMatchObject({ displayDigest: contentDigest(record.shown), items: ["name"] });
    expect(record).toMatchObject({
      kind: "sign_in",
      clientId: "bank",
      requestId: signIn.request_id,
      consent: { items: ["name"], offlineAccess: false },
      certificateStatus: { kind: "ocsp" },
    });
    expect(record.deviceKey).toMatchObject(device.keys.authentication.publicJwk);
  });

  it("names the policy and the time, to the millisecond of its row", () => {
    for (const row of [enrolment, signIn]) {
      expect(read(row)).toMatchObject({ version: 1, policyVersion: "2026-11", time: row.created_at.toISOString() });
    }
  });
});
