import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PkiError } from "../pki-error.ts";
import { formatCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import {
  cosignNote,
  formatNoteKey,
  formatSignedNote,
  type NoteKey,
  parseNoteKey,
  parseSignedNote,
  signNote,
  verifyNote,
} from "./signed-note.ts";

const code = (work: () => unknown) => {
  try {
    work();
    return "accepted";
  } catch (error) {
    return error instanceof PkiError ? error.code : String(error);
  }
};
const makeKey = (name: string, kind: NoteKey["kind"]) => {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { name, kind, privateKey, publicKey: createPublicKey(privateKey) } satisfies NoteKey & {
    privateKey: KeyObject;
  };
};

/** The example of golang.org/x/mod/sumdb/note (BSD-3-Clause), made by another implementation. */
const peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const saying =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

describe("a signed note", () => {
  it("of another implementation is verified, and its key is written as it was", () => {
    const key = parseNoteKey(peter);
    expect(verifyNote(parseSignedNote(saying), key).text).toMatch(/^If you think[\s\S]*is\.\n$/);
    expect(formatNoteKey(key)).toBe(peter);
  });

  it("with one letter of its text changed is refused", () => {
    const changed = parseSignedNote(saying.replace("answer", "ansver"));
    expect(code(() => verifyNote(changed, parseNoteKey(peter)))).toBe("SIGNATURE_INVALID");
  });

  it("is not believed for a name, or a key, that did not sign", () => {
    const other = makeKey("PeterNeumann", "ed25519");
    expect(code(() => verifyNote(parseSignedNote(saying), other))).toBe("UNTRUSTED");
    const renamed = { ...parseNoteKey(peter), name: "Somebody" };
    expect(code(() => verifyNote(parseSignedNote(saying), renamed))).toBe("UNTRUSTED");
  });

  it.each([
    ["without signatures", "text\n"],
    ["cut off", saying.slice(0, -1)],
    ["with another dash", saying.replace("—", "-")],
    ["with a tab", saying.replace("If", "\tIf")],
    ["with a broken character", saying.replace("If", "\ud800")],
    ["with base64 of another alphabet", saying.replace("x08go/", "x08go_")],
    ["with loose base64", saying.replace("AM=", "AN=")],
    ["with a name that has a plus", saying.replace("— Peter", "— Pe+ter")],
    ["too large", saying.padStart(70_000, "x")],
    ["with too many signatures", saying + saying.slice(saying.indexOf("—")).repeat(64)],
  ])("%s is malformed", (_, note) => {
    expect(code(() => parseSignedNote(note))).toBe("MALFORMED");
  });

  it.each([
    ["another key id", peter.replace("c74f20a3", "c74f20a4")],
    ["another kind", peter.replace("+ARpc", "+AhpcA")],
    ["no name", peter.slice("PeterNeumann".length)],
    ["a short key", peter.slice(0, -4)],
  ])("a verifier key with %s is malformed", (_, key) => {
    expect(code(() => parseNoteKey(key))).toBe("MALFORMED");
  });

  it("of any text is a note or malformed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(["accepted", "MALFORMED"]).toContain(code(() => parseSignedNote(text)));
        expect(["accepted", "MALFORMED"]).toContain(code(() => parseNoteKey(text)));
      }),
    );
  });
});

describe("a checkpoint", () => {
  const log = makeKey("xid.example/log", "ed25519");
  const bank = makeKey("bank.example/witness", "cosignature");
  const city = makeKey("city.example/witness", "cosignature");
  const checkpoint = { origin: log.name, size: 1_000_001, root: Buffer.alloc(32, 7) };
  const text = formatCheckpoint(checkpoint);
  const own = signNote(text, log);
  const seenByBank = cosignNote(text, { ...bank, time: 1_790_000_000 });
  const note = formatSignedNote(text, [own, seenByBank]);

  it("is verified with its witness and the time it named", () => {
    const verified = verifyCheckpoint(note, { log, witnesses: [bank, city], quorum: 1 });
    expect(verified).toEqual({ ...checkpoint, witnesses: [{ name: bank.name, time: 1_790_000_000 }] });
  });

  it("with too few witnesses is not believed", () => {
    expect(code(() => verifyCheckpoint(note, { log, witnesses: [bank, city], quorum: 2 }))).toBe("UNTRUSTED");
  });

  it("of another log is not believed, also when this log's key signed it", () => {
    const foreign = formatCheckpoint({ ...checkpoint, origin: "other.example/log" });
    expect(code(() => verifyCheckpoint(formatSignedNote(foreign, [signNote(foreign, log)]), { log }))).toBe(
      "UNTRUSTED",
    );
    expect(code(() => verifyCheckpoint(formatSignedNote(text, [seenByBank]), { log }))).toBe("UNTRUSTED");
  });

  it("whose witness's time was changed is refused", () => {
    const signature = Buffer.from(seenByBank.signature);
    signature.writeUInt8(signature[7]! ^ 1, 7);
    const changed = formatSignedNote(text, [own, { ...seenByBank, signature }]);
    expect(code(() => verifyCheckpoint(changed, { log, witnesses: [bank] }))).toBe("SIGNATURE_INVALID");
  });

  it.each([
    ["a size with a zero in front", text.replace("1000001", "01000001")],
    ["a size that is no number", text.replace("1000001", "many")],
    ["a size beyond what numbers hold", text.replace("1000001", "9999999999999999")],
    ["a short root", text.replace(/[^\n]+\n$/, "AAAA\n")],
    ["no root", text.split("\n").slice(0, 2).join("\n").concat("\n")],
  ])("with %s is malformed", (_, bad) => {
    expect(code(() => verifyCheckpoint(formatSignedNote(bad, [signNote(bad, log)]), { log }))).toBe("MALFORMED");
  });

  it("may have lines behind it that this version does not know", () => {
    const extended = `${text}extension 1\n`;
    expect(verifyCheckpoint(formatSignedNote(extended, [signNote(extended, log)]), { log })).toMatchObject(checkpoint);
  });
});
