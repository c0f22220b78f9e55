import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { PkiError } from "../pki-error.ts";

/** A note's text and its signatures as they stand, none of them verified. */
export type SignedNote = { text: string; signatures: NoteSignature[] };

/** `keyId`: the first four bytes of a hash over name and key; a hint which key it is, no proof of anything. */
export type NoteSignature = { name: string; keyId: number; signature: Buffer };

/** A key that signs notes under a name: an Ed25519 log key, or that of a witness who cosigns. */
export type NoteKey = { name: string; kind: NoteKeyKind; publicKey: KeyObject };

/** C2SP signed-note and tlog-cosignature: how the signature is made over the text. */
export type NoteKeyKind = "ed25519" | "cosignature";

const kindBytes: Record<NoteKeyKind, number> = { ed25519: 0x01, cosignature: 0x04 };

/** Larger notes, or with more signatures, are refused. */
const largestNote = 64 * 1024;
const mostSignatures = 64;

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** C2SP signed-note: text, an empty line, and a line for each signature. Throws `MALFORMED`. */
export function parseSignedNote(note: string): SignedNote {
  if (note.length > largestNote) throw malformed("the note is too large");
  // Every character below U+0020 but the line feed is forbidden.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed()) throw malformed("control characters");
  const split = note.lastIndexOf("\n\n");
  if (split < 0) throw malformed("there are no signatures");
  const lines = note.slice(split + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw malformed("the last signature is cut off");
  if (lines.length > mostSignatures) throw malformed("there are too many signatures");
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** The note with one more signature line. `text` ends with a line feed. Throws TypeError for another text. */
export function formatSignedNote(text: string, signatures: readonly NoteSignature[]): string {
  if (!text.endsWith("\n")) throw new TypeError("a note's text ends with a line feed");
  const lines = signatures.map(({ name, keyId, signature }) => {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(keyId);
    return `— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
  });
  return `${text}\n${lines.join("")}`;
}

/** Signs a text with a log's key. */
export function signNote(text: string, { name, privateKey }: { name: string; privateKey: KeyObject }): NoteSignature {
  const keyId = noteKeyId({ name, kind: "ed25519", publicKey: createPublicKey(privateKey) });
  return { name, keyId, signature: sign(null, Buffer.from(text, "utf8"), privateKey) };
}

/** Signs as a witness that saw it at `time` (seconds since 1970) and found it to follow from what it saw before. */
export function cosignNote(
  text: string,
  { name, privateKey, time }: { name: string; privateKey: KeyObject; time: number },
): NoteSignature {
  const keyId = noteKeyId({ name, kind: "cosignature", publicKey: createPublicKey(privateKey) });
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const signature = sign(null, Buffer.from(cosigned(text, time), "utf8"), privateKey);
  return { name, keyId, signature: Buffer.concat([stamp, signature]) };
}

/**
 * Verifies that the note carries a good signature of this key, and returns its text; for a witness with the time that it
 * named. A signature of another key is not looked at; one that names this key and does not hold is an error.
 * Throws `UNTRUSTED` without one, `SIGNATURE_INVALID`.
 */
export function verifyNote({ text, signatures }: SignedNote, key: NoteKey): { text: string; time?: number } {
  const keyId = noteKeyId(key);
  const own = signatures.filter((signature) => signature.name === key.name && signature.keyId === keyId);
  const [first] = own;
  if (!first) throw new PkiError("UNTRUSTED", `the note is not signed by ${key.name}`);
  const times = own.map((signature) => verifyOne(text, signature.signature, key));
  return times[0] === undefined ? { text } : { text, time: times[0] };
}

function verifyOne(text: string, signature: Buffer, { kind, publicKey }: NoteKey): number | undefined {
  const isCosignature = kind === "cosignature";
  if (signature.length !== (isCosignature ? 72 : 64)) throw invalid();
  const time = isCosignature ? Number(signature.readBigUInt64BE(0)) : undefined;
  if (time !== undefined && !Number.isSafeInteger(time)) throw invalid();
  const message = time === undefined ? text : cosigned(text, time);
  const bytes = isCosignature ? signature.subarray(8) : signature;
  if (!verify(null, Buffer.from(message, "utf8"), publicKey, bytes)) throw invalid();
  return time;
}

/** C2SP signed-note: `name+keyId+base64(kind ‖ key)`. Throws `MALFORMED`, also when the key id is not the key's. */
export function parseNoteKey(text: string): NoteKey {
  const [, name, id, encoded] = /^([^+\s]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (!name || !id || !encoded) throw malformed("not a verifier key");
  const bytes = fromBase64(encoded);
  const kind = (Object.keys(kindBytes) as NoteKeyKind[]).find((one) => kindBytes[one] === bytes[0]);
  if (!kind || bytes.length !== 33) throw malformed("not an Ed25519 verifier key");
  const der = Buffer.concat([spkiPrefix, bytes.subarray(1)]);
  const key = { name, kind, publicKey: createPublicKey({ key: der, format: "der", type: "spki" }) };
  if (noteKeyId(key) !== Number.parseInt(id, 16)) throw malformed("the key id is not that of the key");
  return key;
}

export function formatNoteKey(key: NoteKey): string {
  const encoded = Buffer.concat([Buffer.of(kindBytes[key.kind]), rawKey(key.publicKey)]).toString("base64");
  return `${key.name}+${noteKeyId(key).toString(16).padStart(8, "0")}+${encoded}`;
}

/** C2SP signed-note: the first four bytes of SHA-256(name ‖ 0A ‖ kind ‖ key). */
export function noteKeyId({ name, kind, publicKey }: NoteKey): number {
  const hash = createHash("sha256").update(`${name}\n`).update(Buffer.of(kindBytes[kind])).update(rawKey(publicKey));
  return hash.digest().readUInt32BE(0);
}

/** C2SP tlog-cosignature. */
function cosigned(text: string, time: number): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}

/** The 32 bytes of an Ed25519 key. Throws TypeError for another kind of key. */
function rawKey(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType !== "ed25519") throw new TypeError("notes are signed with Ed25519");
  return publicKey.export({ type: "spki", format: "der" }).subarray(spkiPrefix.length);
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = /^— ([^+\s]{1,255}) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
  if (!name || !encoded) throw malformed("not a signature line");
  const bytes = fromBase64(encoded);
  if (bytes.length < 5) throw malformed("a signature without bytes");
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) };
}

function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw malformed("not base64");
  return bytes;
}

function malformed(message: string): PkiError {
  return new PkiError("MALFORMED", `signed note: ${message}`);
}

function invalid(): PkiError {
  return new PkiError("SIGNATURE_INVALID", "a signature of the note does not hold");
}
