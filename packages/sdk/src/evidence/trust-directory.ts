import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Certificate, type NoteKey, parseCertificate, parseNoteKey } from "@xid/pki";
import { EvidenceError } from "./evidence-error.ts";
import type { EvidenceTrust } from "./verify-evidence.ts";

/** Larger files are not read. */
const largestFile = 64 * 1024;

/**
 * Reads whom to believe from a folder: `card/` and `signing/` with certificates (`.pem`, `.der`, `.crt`, one each),
 * `log.key` with the log's verifier key, and `witness/` with one `.key` for each witness. All of the witnesses must have
 * signed. Throws `EvidenceError` `MALFORMED` where something is absent or not in its form.
 */
export async function readTrustDirectory(directory: string): Promise<EvidenceTrust> {
  const [cardAnchors, signingAnchors, witnesses] = await Promise.all([
    readCertificates(join(directory, "card")),
    readCertificates(join(directory, "signing")),
    readKeys(join(directory, "witness")),
  ]);
  const log = await readKey(join(directory, "log.key"));
  return { cardAnchors, signingAnchors, log, witnesses, quorum: witnesses.length };
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
    return parseCertificate(pem === undefined ? bytes : Buffer.from(pem, "base64"));
  } catch (cause) {
    throw malformed(`${path} is not a certificate`, cause);
  }
}

async function readKeys(directory: string): Promise<NoteKey[]> {
  const present = await list(directory).catch((error: EvidenceError) => {
    if ((error.cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (!present) return [];
  const names = present.filter((name) => name.endsWith(".key"));
  // Whoever made the folder wants witnesses: that none can be read is not the same as wanting none.
  if (names.length === 0) throw malformed(`${directory} holds no .key: put the witnesses' keys there, or remove it`);
  return Promise.all(names.map((name) => readKey(join(directory, name))));
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
