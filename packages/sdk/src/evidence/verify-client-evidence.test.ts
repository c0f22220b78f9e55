import { createHash, generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatCheckpoint, formatSignedNote, leafHash, type NoteKey, signNote } from "@xid/pki";
import { type ClientEvidence, canonicalJson, contentDigest, fromBase64url, toBase64url } from "@xid/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { EvidenceError } from "./evidence-error.ts";
import { parseEvidenceFile } from "./parse-evidence-file.ts";
import { readTrustDirectory } from "./trust-directory.ts";
import { verifyClientEvidence } from "./verify-client-evidence.ts";
import type { EvidenceTrust } from "./verify-evidence.ts";

const vectors = new URL("../../../../vectors/evidence/", import.meta.url).pathname;

let bytes: Buffer;
let file: ClientEvidence;
let trust: EvidenceTrust;

beforeAll(async () => {
  bytes = await readFile(join(vectors, "client-sign-in.json"));
  file = JSON.parse(bytes.toString("utf8")) as ClientEvidence;
  trust = await readTrustDirectory(join(vectors, "trust"));
});

const code = (value: unknown, by = trust) => {
  try {
    return verifyClientEvidence(value, by).kind;
  } catch (error) {
    return error instanceof EvidenceError ? error.code : String(error);
  }
};

// biome-ignore lint/suspicious/noExplicitAny: a record that a test spoils has any shape.
type Loose = any;

describe("a relying party's evidence", () => {
  it("shows what it received, from a certificate that was good, by a method of the law, before a time", () => {
    const verified = verifyClientEvidence(file, trust);
    expect(Object.keys(verified.items).toSorted()).toEqual(["address", "birthdate", "gender", "name"]);
    expect(verified).toMatchObject({
      record: { kind: "sign_in", basis: "enrolment", identityChanged: null },
      method: { name: "jpki_signature_certificate", letter: "ワ", lawVersion: "2025-06-24" },
      existedBefore: { authority: expect.stringContaining("SIM-TSA") },
    });
    expect(verified.certificate?.name).toBe(verified.items.name);
  });

  it("can be shown item by item: what is taken out stays hidden, and the rest proves itself", () => {
    for (const kept of ["birthdate", "certificate", "method", "nothing"]) {
      const disclosures = file.disclosures.filter(({ name }) => name === kept);
      const { items, certificate, method } = verifyClientEvidence({ ...file, disclosures }, trust);
      expect([Object.keys(items), certificate !== null, method !== null]).toEqual([
        kept === "birthdate" ? ["birthdate"] : [],
        kept === "certificate",
        kept === "method",
      ]);
    }
  });

  it("in which any byte was changed is refused", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flipped) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= flipped;
        const outcome = (() => {
          try {
            return code(parseEvidenceFile(changed));
          } catch (error) {
            return (error as EvidenceError).code;
          }
        })();
        expect(outcome).toMatch(
          /^(MALFORMED|LOG_PROOF_INVALID|CHECKPOINT_UNTRUSTED|TIMESTAMP_INVALID|NOT_LOGGED|NOT_STAMPED|STATEMENT_MISMATCH)$/,
        );
      }),
      { numRuns: 400 },
    );
  });

  it.each<[string, string, (changed: Loose) => void]>([
    ["another value", "STATEMENT_MISMATCH", (changed) => (changed.disclosures[0].value = "別人")],
    ["another salt", "STATEMENT_MISMATCH", (changed) => (changed.disclosures[0].salt = changed.disclosures[1].salt)],
    ["a value under another name", "STATEMENT_MISMATCH", (changed) => (changed.disclosures[0].name = "birthdate")],
    ["a value twice", "STATEMENT_MISMATCH", (changed) => changed.disclosures.push(changed.disclosures[0])],
    [
      "a value that the record does not know",
      "STATEMENT_MISMATCH",
      (changed) => changed.disclosures.push({ salt: "A".repeat(22), name: "age_over_20", value: true }),
    ],
    ["another counterpart", "LOG_PROOF_INVALID", (changed) => (changed.counterpart = "A".repeat(43))],
    ["a salt that is too short", "MALFORMED", (changed) => (changed.salt = changed.salt.slice(0, 40))],
    ["no proof", "NOT_LOGGED", (changed) => (changed.log = null)],
    ["a list that nobody named", "MALFORMED", (changed) => (changed.revocationLists = ["AAAA"])],
    ["another format", "MALFORMED", (changed) => (changed.format = "xid-evidence-v1")],
  ])("with %s is refused: %s", (_, expected, change) => {
    const changed = structuredClone(file);
    change(changed);
    expect(code(changed)).toBe(expected);
  });
});

/** A log that commits to whatever it is given: what stands when the platform itself lies. */
describe("a relying party's evidence that a lying platform committed to", () => {
  const liar = generateKeyPairSync("ed25519");
  const log: NoteKey = { name: "liar.example/log", kind: "ed25519", publicKey: liar.publicKey };
  const sha256 = (...parts: Uint8Array[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };

  const lie = (change: (values: Record<string, Loose>, record: Loose) => void) => {
    const record = JSON.parse(Buffer.from(fromBase64url(file.record)).toString("utf8")) as Loose;
    const values = Object.fromEntries(
      structuredClone(file.disclosures).map(({ name, value }) => [name, value]),
    ) as Loose;
    change(values, record);
    const salt = "A".repeat(22);
    const disclosures = Object.entries(values).map(([name, value]) => ({ salt, name, value }));
    for (const { name, value } of disclosures) {
      const digest = contentDigest([salt, name, value]);
      if (name === "certificate" || name === "method") record[name] = digest;
      else record.items.find((item: Loose) => item.name === name).digest = digest;
    }
    const text = canonicalJson(record);
    const counterpart = Buffer.alloc(32, 2);
    const entry = sha256(Buffer.from("xid-evidence-pair-v1\n"), counterpart, sha256(Buffer.alloc(32, 1), text));
    const checkpoint = formatCheckpoint({ origin: log.name, size: 1, root: leafHash(entry) });
    const note = formatSignedNote(checkpoint, [signNote(checkpoint, { name: log.name, privateKey: liar.privateKey })]);
    const lied = {
      ...file,
      record: toBase64url(text),
      salt: toBase64url(Buffer.alloc(32, 1)),
      counterpart: toBase64url(counterpart),
      disclosures,
      log: { index: 0, size: 1, proof: [], checkpoint: note, timestamp: null },
    };
    return code(lied, { ...trust, log, witnesses: [], quorum: 0, timestampAnchors: [] });
  };

  it("is verified when nothing in it is a lie", () => {
    expect(lie(() => undefined)).toBe("client");
  });

  it.each<[string, string, (values: Record<string, Loose>, record: Loose) => void]>([
    ["names another person than the certificate", "STATEMENT_MISMATCH", (values) => (values.name = "山田　花子")],
    ["tells another birth date", "STATEMENT_MISMATCH", (values) => (values.birthdate = "1999-01-01")],
    ["tells another address", "STATEMENT_MISMATCH", (values) => (values.address.formatted = "東京都千代田区")],
    [
      "has the authority's certificate in place of the card's",
      "CERTIFICATE_UNTRUSTED",
      (values) => (values.certificate.certificate = values.certificate.issuers[0]),
    ],
    [
      "has an answer about the certificate that nobody signed",
      "STATUS_UNPROVEN",
      (values) => (values.certificate.status.response = values.certificate.issuers[0]),
    ],
    [
      "came after the certificate's end",
      "CERTIFICATE_UNTRUSTED",
      (_, record) => (record.time = "2050-01-01T00:00:00.000Z"),
    ],
    [
      "says that it had expired when it had not",
      "STATUS_UNPROVEN",
      (_, record) => (record.identityChanged = "expired"),
    ],
    [
      "says that it was revoked when it was not",
      "STATUS_UNPROVEN",
      (_, record) => (record.identityChanged = "renewed"),
    ],
    ["is a record of another version", "MALFORMED", (_, record) => (record.version = 2)],
  ])("that %s is refused: %s", (_, expected, change) => {
    expect(lie(change)).toBe(expected);
  });
});
