import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Certificate, type NoteKey, parseCertificate, parseNoteKey } from "@xid/pki";
import { EvidenceError } from "./evidence-error.ts";
import type { EvidenceTrust } from "./verify-evidence.ts";

/** Larger files are not read. */
const largestFile = 64 * 1024;

/**
 * Reads whom to believe from a folder: `card/` and `signing/` with certificates (`.pem`, `.der`, `.crt`, one each),
 * `log.key` with the log's verifier key; perhaps `timestamp/` with roots of time-stamping authorities, one of which must then
 * have stamped; and perhaps `witness/` with one `.key` for each witness and the file `quorum`, which says how many of them
 * must have signed (without it all). Throws `EvidenceError` `MALFORMED` where something is absent or not in its form, and
 * for an authority's certificate that it did not sign itself.
 */
export async function readTrustDirectory(directory: string): Promise<EvidenceTrust> {
  const [cardAnchors, signingAnchors, timestampAnchors, witnesses] = await Promise.all([
    readCertificates(join(directory, "card")),
    readCertificates(join(directory, "signing")),
    ifPresent(readCertificates(join(directory, "timestamp"))),
    ifPresent(readKeys(join(directory, "witness"))),
  ]);
  const log = await readKey(join(directory, "log.key"));
  if (log.kind !== "ed25519") throw malformed("log.key is that of a witness");
  const quorum = await readQuorum(join(directory, "witness", "quorum"), witnesses.length);
  return { cardAnchors, signingAnchors, timestampAnchors, log, witnesses, quorum };
}

/** Whoever wants no witness, or no time stamp, has no folder for it. */
async function ifPresent<T>(reading: Promise<T[]>): Promise<T[]> {
  try {
    return await reading;
  } catch (error) {
    if (((error as EvidenceError).cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return [];
    throw error;
  }
}

async function readQuorum(path: string, witnesses: number): Promise<number> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return witnesses;
    throw malformed(`${path} cannot be read`, cause);
  }
  const quorum = /^[1-9][0-9]?\n?$/.test(text) ? Number(text) : 0;
  if (quorum < 1 || quorum > witnesses) throw malformed(`${path} must be a number from 1 to ${witnesses}`);
  return quorum;
}

async function readCertificates(directory: string): Promise<Certificate[]> {
  const names = (await list(directory)).filter((name) => /\.(pem|der|crt)$/.test(name));
  if (names.length === 0) throw malformed(`${directory} holds no certificate`);
  return Promise.all(names.map((name) => readCertificate(join(directory, name))));
}

async function readCertificate(path: string): Promise<Certificate> {
  const bytes = await readFile(path);
  const [, pem] =
    /-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]+)-----END CERTIFICATE-----/.exec(bytes.toString("latin1")) ?? [];
  try {
    if (bytes.length > largestFile) throw new RangeError("too large");
    const certificate = parseCertificate(pem === undefined ? bytes : Buffer.from(pem, "base64"));
    // A flipped bit in a root would otherwise show nowhere: a path does not look at its signature.
    if (!certificate.isSelfSigned) throw new TypeError("not signed by itself");
    return certificate;
  } catch (cause) {
    throw malformed(`${path} is not a certificate`, cause);
  }
}

async function readKeys(directory: string): Promise<NoteKey[]> {
  const names = (await list(directory)).filter((name) => name.endsWith(".key"));
  // Whoever made the folder wants witnesses: that none can be read is not the same as wanting none.
  if (names.length === 0) throw malformed(`${directory} holds no .key: put the witnesses' keys there, or remove it`);
  const keys = await Promise.all(names.map((name) => readKey(join(directory, name))));
  if (keys.some(({ kind }) => kind !== "cosignature")) throw malformed(`${directory} holds a key that is no witness's`);
  // One witness in two files, or under two names, would count twice.
  if (keys.some((one, at) => keys.slice(0, at).some((other) => one.publicKey.equals(other.publicKey)))) {
    throw malformed(`${directory} holds a key twice`);
  }
  return keys;
}

async function readKey(path: string): Promise<NoteKey> {
  try {
    return parseNoteKey((await readFile(path, "utf8")).trim());
  } catch (cause) {
    throw malformed(`${path} is not a verifier key`, cause);
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (cause) {
    throw malformed(`${directory} cannot be read`, cause);
  }
}

function malformed(message: string, cause?: unknown): EvidenceError {
  return new EvidenceError("MALFORMED", message, { cause });
}
