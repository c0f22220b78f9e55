import { createHash, generateKeyPairSync } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Certificate,
  formatCheckpoint,
  formatNoteKey,
  formatSignedNote,
  leafHash,
  type NoteKey,
  signNote,
} from "@xid/pki";
import { canonicalJson, type EvidenceFile, fromBase64url, toBase64url } from "@xid/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { EvidenceError } from "./evidence-error.ts";
import { largestEvidenceFile, parseEvidenceFile } from "./parse-evidence-file.ts";
import { readTrustDirectory } from "./trust-directory.ts";
import { type EvidenceTrust, verifyEvidence } from "./verify-evidence.ts";
import { commitmentOf, pairCommitment, verifyLogProof } from "./verify-log-proof.ts";

const vectors = new URL("../../../../vectors/evidence/", import.meta.url).pathname;

// biome-ignore lint/suspicious/noExplicitAny: a record that a test spoils has any shape.
type Loose = any;

let enrolment: EvidenceFile;
let signIn: EvidenceFile;
let cardSignature: EvidenceFile;
let documentSignature: EvidenceFile;
let cardPresented: EvidenceFile;
let trust: EvidenceTrust;

beforeAll(async () => {
  const read = async (name: string) => JSON.parse(await readFile(join(vectors, name), "utf8")) as EvidenceFile;
  [enrolment, signIn, cardSignature, documentSignature, cardPresented, trust] = await Promise.all([
    read("enrolment.json"),
    read("sign-in.json"),
    read("card-signature.json"),
    read("document-signature.json"),
    read("card-presented.json"),
    readTrustDirectory(join(vectors, "trust")),
  ]);
});

const code = (file: unknown, by: EvidenceTrust = trust) => {
  try {
    return verifyEvidence(file, by).kind;
  } catch (error) {
    return error instanceof EvidenceError ? error.code : String(error);
  }
};
const copy = <T>(value: T): T => structuredClone(value);
const otherLetter = (text: string, at: number) => {
  const letter = text[at] === "A" ? "Q" : "A";
  return text.slice(0, at) + letter + text.slice(at + 1);
};

describe("evidence", () => {
  it("of an enrolment is verified offline: whose card signed for which keys", () => {
    const verified = verifyEvidence(enrolment, trust);
    expect(verified).toMatchObject({
      kind: "enrolment",
      checkpoint: { origin: trust.log.name, witnesses: [{ name: "city.example/witness" }] },
      existedBefore: { accuracy: 1000, authority: expect.stringContaining("SIM-TSA") },
    });
    expect(verified.existedBefore!.time.getTime()).toBeGreaterThan(verified.time.getTime() - 1000);
    expect(verified.enrolment.keys.authentication.crv).toBe("P-256");
  });

  it("of a sign-in is verified offline: which device approved what, for whom", () => {
    const verified = verifyEvidence(signIn, trust);
    expect(verified).toMatchObject({ kind: "sign_in", signIn: { statement: { items: ["name"] } } });
  });

  it("of a sign-in that wanted the card itself is verified offline, and says so", () => {
    expect(verifyEvidence(cardPresented, trust)).toMatchObject({ kind: "sign_in", signIn: { level: "card" } });
  });

  it("of a card signature is verified offline: which card signed what was shown", () => {
    const verified = verifyEvidence(cardSignature, trust);
    expect(verified).toMatchObject({
      kind: "card_signature",
      cardSignature: { document: { form: "text", text: expect.stringContaining("第1条") } },
    });
  });

  it("of a document signature is verified offline: which device's key signed what was shown", () => {
    const verified = verifyEvidence(documentSignature, trust);
    expect(verified).toMatchObject({
      kind: "document_signature",
      documentSignature: { signing: { format: "cms", layout: { layout: "transfer", amount: 100_000 } } },
    });
  });

  it("that waits for the log is not verified", () => {
    expect(code({ ...signIn, act: { ...signIn.act, log: null } })).toBe("NOT_LOGGED");
  });

  it("of a sign-in without the enrolment of its device is not verified", () => {
    expect(code({ ...signIn, enrolment: null })).toBe("DEVICE_UNPROVEN");
    expect(code({ ...signIn, enrolment: signIn.act })).toBe("DEVICE_UNPROVEN");
  });

  it.each<[string, (file: EvidenceFile) => void, string]>([
    ["its salt", (file) => (file.act.salt = otherLetter(file.act.salt, 3)), "LOG_PROOF_INVALID"],
    ["the place in the log", (file) => file.act.log!.index--, "LOG_PROOF_INVALID"],
    ["a hash of the proof", (file) => (file.act.log!.proof[0] = file.act.salt), "LOG_PROOF_INVALID"],
    ["the size of the log", (file) => file.act.log!.size++, "LOG_PROOF_INVALID"],
    [
      "the checkpoint's size",
      (file) => (file.act.log!.checkpoint = file.act.log!.checkpoint.replace(/\n\d+\n/, "\n999\n")),
      "CHECKPOINT_UNTRUSTED",
    ],
  ])("with %s changed is refused", (_, change, expected) => {
    const file = copy(signIn);
    change(file);
    expect(code(file)).toBe(expected);
  });

  it.each(["enrolment", "sign-in", "card-signature", "document-signature"])(
    "of a file (%s) in which any byte was changed is refused",
    async (name) => {
      const bytes = await readFile(join(vectors, `${name}.json`));
      const codeOf = (changed: Buffer) => {
        try {
          return verifyEvidence(parseEvidenceFile(changed), trust).kind;
        } catch (error) {
          return error instanceof EvidenceError ? error.code : String(error);
        }
      };
      const refusals =
        /^(MALFORMED|LOG_PROOF_INVALID|CHECKPOINT_UNTRUSTED|TIMESTAMP_INVALID|NOT_LOGGED|NOT_STAMPED|DEVICE_UNPROVEN)$/;
      expect(codeOf(bytes)).toBe(name.replace("-", "_"));
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flipped) => {
          const changed = Buffer.from(bytes);
          changed[at]! ^= flipped;
          expect(codeOf(changed)).toMatch(refusals);
        }),
        { numRuns: 400 },
      );
    },
    120_000,
  );

  it("that was cut off, or grown, is refused", async () => {
    const bytes = await readFile(join(vectors, "sign-in.json"));
    for (const changed of [
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.of(0x0a)]),
      Buffer.concat([Buffer.from("\ufeff"), bytes]),
    ]) {
      expect(() => parseEvidenceFile(changed)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    }
    expect(() => parseEvidenceFile(Buffer.alloc(largestEvidenceFile + 1))).toThrow(EvidenceError);
  });

  it("that nobody has stamped, or that was stamped before it happened, is refused where a stamp is wanted", () => {
    const unstamped = copy(signIn);
    unstamped.act.log!.timestamp = null;
    expect(code(unstamped)).toBe("NOT_STAMPED");
    expect(code(unstamped, { ...trust, timestampAnchors: [] })).toBe("sign_in");
    const { log } = signIn.act;
    const own = commitmentOf(fromBase64url(signIn.act.salt), fromBase64url(signIn.act.record));
    const commitment = pairCommitment(own, fromBase64url(signIn.act.counterpart!));
    const late = new Date(Date.now() + 3_600_000);
    expect(() => verifyLogProof(commitment, log, trust, late)).toThrow(
      expect.objectContaining({ code: "TIMESTAMP_INVALID" }),
    );
  });

  it("is believed by nobody who trusts another log, another authority, or wants a witness", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const log: NoteKey = { name: trust.log.name, kind: "ed25519", publicKey };
    const swapped = { ...trust, cardAnchors: trust.signingAnchors, signingAnchors: trust.cardAnchors };
    expect(code(signIn, { ...trust, log })).toBe("CHECKPOINT_UNTRUSTED");
    expect(code(signIn, { ...trust, quorum: 2 })).toBe("CHECKPOINT_UNTRUSTED");
    expect(code(signIn, { ...trust, timestampAnchors: trust.cardAnchors })).toBe("TIMESTAMP_INVALID");
    expect(code(signIn, swapped)).toBe("CERTIFICATE_UNTRUSTED");
    expect(code(signIn, { ...trust, signingAnchors: trust.cardAnchors })).toBe("CERTIFICATE_UNTRUSTED");
  });

  it("that is anything else is malformed", () => {
    for (const file of [null, 1, "x", [], {}, { ...signIn, format: "xid-evidence-v2" }, { ...signIn, more: 1 }]) {
      expect(code(file)).toBe("MALFORMED");
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(code(value)).toBe("MALFORMED");
      }),
    );
  });
});

/** A log that commits to whatever it is given: what stands when the platform itself lies. */
describe("evidence that a lying platform committed to", () => {
  const liar = generateKeyPairSync("ed25519");
  const log: NoteKey = { name: "liar.example/log", kind: "ed25519", publicKey: liar.publicKey };
  const commit = (record: Loose) => {
    const bytes = canonicalJson(record);
    const salt = Buffer.alloc(32, 1);
    const root = leafHash(createHash("sha256").update(salt).update(bytes).digest());
    const text = formatCheckpoint({ origin: log.name, size: 1, root });
    const checkpoint = formatSignedNote(text, [signNote(text, { name: log.name, privateKey: liar.privateKey })]);
    return {
      record: toBase64url(bytes),
      salt: toBase64url(salt),
      counterpart: null,
      log: { index: 0, size: 1, proof: [], checkpoint, timestamp: null },
      revocationLists: [],
    };
  };
  const records = (file: EvidenceFile) => {
    const open = (text: string) => JSON.parse(Buffer.from(fromBase64url(text)).toString("utf8")) as Loose;
    return { act: open(file.act.record), enrolment: open(file.enrolment!.record) };
  };
  const lie = (
    change: (records: { act: Loose; enrolment: Loose }) => void,
    anchors: Partial<EvidenceTrust> = {},
    about: EvidenceFile = signIn,
  ) => {
    const changed = records(about);
    change(changed);
    const file = { format: "xid-evidence-v1", act: commit(changed.act), enrolment: commit(changed.enrolment) };
    return code(file, { ...trust, log, witnesses: [], quorum: 0, timestampAnchors: [], ...anchors });
  };
  const spoil = (text: string) => otherLetter(text, 20);
  /** A JWS whose payload is changed, with the signature that it had. */
  const reworded = (jws: string, change: (payload: Loose) => void) => {
    const [header, payload, signature] = jws.split(".") as [string, string, string];
    const value = JSON.parse(Buffer.from(payload, "base64url").toString());
    change(value);
    return [header, Buffer.from(JSON.stringify(value)).toString("base64url"), signature].join(".");
  };

  it("is verified when nothing in it is a lie", () => {
    expect(lie(() => undefined)).toBe("sign_in");
    expect(lie(() => undefined, {}, cardSignature)).toBe("card_signature");
    expect(lie(() => undefined, {}, documentSignature)).toBe("document_signature");
    expect(lie(() => undefined, {}, cardPresented)).toBe("sign_in");
  });

  it.each<[string, string, (records: { act: Loose }) => void]>([
    [
      "names another signature of it",
      "STATEMENT_MISMATCH",
      ({ act }) => (act.cardSignature = spoil(act.cardSignature)),
    ],
    ["has none of it", "STATEMENT_MISMATCH", ({ act }) => delete act.cardSignature],
    ["does not say for which platform", "STATEMENT_MISMATCH", ({ act }) => delete act.origin],
    ["was for another platform", "SIGNATURE_INVALID", ({ act }) => (act.origin = "https://other.example")],
    ["shows that it was not wanted", "STATEMENT_MISMATCH", ({ act }) => delete act.shown.level],
    [
      "came three minutes after the answer about it",
      "STATUS_UNPROVEN",
      ({ act }) => (act.time = new Date(Date.parse(act.certificateStatus.checkedAt) + 180_000).toISOString()),
    ],
    ["says that it had ended", "STATUS_UNPROVEN", ({ act }) => (act.identityChanged = "expired")],
  ])("about a card that was there and %s is refused: %s", (_, expected, change) => {
    expect(lie(change, {}, cardPresented)).toBe(expected);
  });

  it.each<[string, string, (records: { act: Loose }) => void]>([
    ["names another signature", "STATEMENT_MISMATCH", ({ act }) => (act.cardSignature = spoil(act.cardSignature))],
    ["shows another text", "STATEMENT_MISMATCH", ({ act }) => (act.shown.signature.document.text = "別の契約")],
    ["is told as a sign-in", "STATEMENT_MISMATCH", ({ act }) => (act.kind = "sign_in")],
    [
      "has the certificate of the authority in place of the card's",
      "CERTIFICATE_UNTRUSTED",
      ({ act }) => (act.certificate.certificate = act.certificate.issuers[0]),
    ],
  ])("about a card signature that %s is refused: %s", (_, expected, change) => {
    expect(lie(change, {}, cardSignature)).toBe(expected);
  });

  it.each<[string, string, (records: { act: Loose; enrolment: Loose }) => void]>([
    ["has another signature", "SIGNATURE_INVALID", ({ act }) => (act.signing.signature = spoil(act.signing.signature))],
    ["shows another amount", "STATEMENT_MISMATCH", ({ act }) => (act.shown.signing.layout.amount = 10_000_000)],
    [
      "has other octets signed",
      "STATEMENT_MISMATCH",
      ({ act }) => (act.shown.signing.toBeSigned = spoil(act.shown.signing.toBeSigned)),
    ],
    ["is told as a sign-in", "STATEMENT_MISMATCH", ({ act }) => (act.kind = "sign_in")],
    [
      "has a signing certificate of no known authority",
      "CERTIFICATE_UNTRUSTED",
      ({ act }) => (act.signing.authority = act.certificate.issuers),
    ],
  ])("about a document signature that %s is refused: %s", (_, expected, change) => {
    expect(lie(change, {}, documentSignature)).toBe(expected);
  });

  it.each<[string, string, (records: { act: Loose; enrolment: Loose }) => void]>([
    ["shows something else", "STATEMENT_MISMATCH", ({ act }) => (act.shown.purpose.ja = "別の目的")],
    ["lets more go", "STATEMENT_MISMATCH", ({ act }) => act.consent.items.push("address")],
    ["is for another service", "STATEMENT_MISMATCH", ({ act }) => (act.clientId = "other")],
    ["is for another request", "STATEMENT_MISMATCH", ({ act }) => (act.requestId = "other-request-id")],
    [
      "has an approval that the device did not sign",
      "SIGNATURE_INVALID",
      ({ act }) => (act.approval = reworded(act.approval, (payload) => (payload.userVerification = "biometric"))),
    ],
    ["is by a device of which no card knows", "DEVICE_UNPROVEN", ({ act }) => (act.deviceKey.x = act.deviceKey.y)],
    ["is by another device", "DEVICE_UNPROVEN", ({ enrolment }) => (enrolment.device.deviceId = crypto.randomUUID())],
    ["is of another account", "DEVICE_UNPROVEN", ({ enrolment }) => (enrolment.accountId = crypto.randomUUID())],
    ["came before the enrolment", "DEVICE_UNPROVEN", ({ act }) => (act.time = "2026-01-01T00:00:00.000Z")],
    ["came after the certificate's end", "CERTIFICATE_UNTRUSTED", ({ act }) => (act.time = "2050-01-01T00:00:00.000Z")],
    [
      "has an answer about the certificate that nobody signed",
      "STATUS_UNPROVEN",
      ({ act }) => (act.certificateStatus.response = spoil(act.certificateStatus.response)),
    ],
    [
      "has an answer of another day",
      "STATUS_UNPROVEN",
      ({ act }) => (act.certificateStatus.checkedAt = "2027-06-01T00:00:00.000Z"),
    ],
    [
      "came long after the answer about the certificate",
      "STATUS_UNPROVEN",
      ({ act }) => (act.time = new Date(Date.parse(act.time) + 25 * 3_600_000).toISOString()),
    ],
    [
      "came before the answer about the certificate",
      "STATUS_UNPROVEN",
      ({ act, enrolment }) => {
        act.time = new Date(Date.parse(act.time) - 120_000).toISOString();
        enrolment.time = act.time;
      },
    ],
    [
      "names a revocation list that is not there",
      "STATUS_UNPROVEN",
      ({ act }) => (act.certificateStatus = { kind: "crl", checkedAt: act.time, listDigest: "AAAA" }),
    ],
    [
      "has an enrolment that the card did not sign",
      "SIGNATURE_INVALID",
      ({ enrolment }) => (enrolment.statementSignature = enrolment.jlisConsentSignature),
    ],
    [
      "has a consent to J-LIS that the card did not sign",
      "SIGNATURE_INVALID",
      ({ enrolment }) => (enrolment.jlisConsentSignature = enrolment.statementSignature),
    ],
    [
      "has a signing key that did not prove itself",
      "SIGNATURE_INVALID",
      ({ enrolment }) => (enrolment.keyPossession = reworded(enrolment.keyPossession, (payload) => (payload.more = 1))),
    ],
    [
      "has a signing certificate for another key",
      "STATEMENT_MISMATCH",
      ({ enrolment }) =>
        (enrolment.signingCertificate = Buffer.from(enrolment.signingAuthority[0], "base64").toString("base64url")),
    ],
    ["is a record of another version", "MALFORMED", ({ act }) => (act.version = 2)],
    ["has a statement instead of a JWS", "MALFORMED", ({ act }) => (act.approval = "no.jws")],
  ])("that %s is refused: %s", (_, expected, change) => {
    expect(lie(change)).toBe(expected);
  });
});

describe("a trust folder", () => {
  it("without certificates, or with something else in their place, is refused", async () => {
    const empty = await mkdtemp(join(tmpdir(), "xid-trust-"));
    await expect(readTrustDirectory(empty)).rejects.toMatchObject({ code: "MALFORMED" });
    await rm(empty, { recursive: true });
  });

  it("whose witnesses cannot be read is refused, not taken for one without", async () => {
    const folder = await mkdtemp(join(tmpdir(), "xid-trust-"));
    await cp(join(vectors, "trust"), folder, { recursive: true });
    await rm(join(folder, "witness"), { recursive: true });
    expect(await readTrustDirectory(folder)).toMatchObject({ witnesses: [], quorum: 0 });
    await mkdir(join(folder, "witness"));
    await expect(readTrustDirectory(folder)).rejects.toMatchObject({ code: "MALFORMED" });
    await rm(join(folder, "witness"), { recursive: true });
    await writeFile(join(folder, "witness"), "not a folder");
    await expect(readTrustDirectory(folder)).rejects.toMatchObject({ code: "MALFORMED" });
    await rm(folder, { recursive: true });
  });

  it.each(["0", "3", "-1", "", "many", "01"])("with a quorum of %j among two witnesses is refused", async (quorum) => {
    const folder = await mkdtemp(join(tmpdir(), "xid-trust-"));
    await cp(join(vectors, "trust"), folder, { recursive: true });
    const { publicKey } = generateKeyPairSync("ed25519");
    const other = formatNoteKey({ name: "bank.example/witness", kind: "cosignature", publicKey });
    await writeFile(join(folder, "witness", "2.key"), `${other}\n`);
    expect(await readTrustDirectory(folder)).toMatchObject({ quorum: 2 });
    await writeFile(join(folder, "witness", "quorum"), "1\n");
    expect(await readTrustDirectory(folder)).toMatchObject({ quorum: 1 });
    await writeFile(join(folder, "witness", "quorum"), quorum);
    await expect(readTrustDirectory(folder)).rejects.toMatchObject({ code: "MALFORMED" });
    await rm(folder, { recursive: true });
  });

  it("with one witness under two names, or a log's key among them, is refused", async () => {
    const folder = await mkdtemp(join(tmpdir(), "xid-trust-"));
    await cp(join(vectors, "trust"), folder, { recursive: true });
    const [witness] = trust.witnesses!;
    const again = formatNoteKey({ ...witness!, name: "other.example/witness" });
    for (const key of [again, formatNoteKey(trust.log)]) {
      await writeFile(join(folder, "witness", "2.key"), key);
      await expect(readTrustDirectory(folder)).rejects.toMatchObject({ code: "MALFORMED" });
    }
    await rm(folder, { recursive: true });
  });

  it("in which any byte was changed is refused, or believes nobody else", async () => {
    const names = ["card/1.pem", "card/2.pem", "signing/root.pem", "timestamp/1.pem", "witness/1.key", "log.key"];
    const folder = await mkdtemp(join(tmpdir(), "xid-trust-"));
    await cp(join(vectors, "trust"), folder, { recursive: true });
    const keysOf = ({ cardAnchors, signingAnchors, timestampAnchors, log, witnesses }: EvidenceTrust) => [
      ...[cardAnchors, signingAnchors, timestampAnchors!].map((anchors) =>
        anchors.map(({ der }) => der.toString("hex")),
      ),
      [log, ...witnesses!].map(formatNoteKey),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (name, n, flipped) => {
          const bytes = await readFile(join(vectors, "trust", name));
          const at = n % bytes.length;
          const changed = Buffer.from(bytes);
          changed[at]! ^= flipped;
          await writeFile(join(folder, name), changed);
          const outcome = await readTrustDirectory(folder).then(keysOf, (error: EvidenceError) => error.code);
          // A line end that became a space says the same.
          if (outcome !== "MALFORMED") expect(outcome).toEqual(keysOf(trust));
          await writeFile(join(folder, name), bytes);
        },
      ),
      { numRuns: 300 },
    );
    await rm(folder, { recursive: true });
  });

  it("has the authorities of both kinds", () => {
    const names = (anchors: readonly Certificate[]) => anchors.map(({ publicKey }) => publicKey.asymmetricKeyType);
    expect(names(trust.cardAnchors)).toContain("rsa");
    expect(names(trust.signingAnchors)).toEqual(["ec"]);
  });
});
