import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { Database } from "../store/database.ts";

const sequence = 0x30;
const utcTime = 0x17;
const bitString = 0x03;

/**
 * The same revocation list as it would have been at another time, signed by the same authority: other dates, and only
 * what was revoked by then. Takes lists of our own making only (RFC 5280 §5.1, every optional field present but the
 * entries), of any length. Throws a `TypeError` for any other.
 */
export function redateList(
  database: Database,
  list: Uint8Array,
  dates: { thisUpdate: Date; nextUpdate: Date },
): Buffer {
  const [toBeSigned, algorithm, signature] = read(Buffer.from(list), 0).children();
  if (!toBeSigned || !algorithm || !signature) throw new TypeError("no revocation list");
  const [version, ownAlgorithm, issuer, , , ...rest] = toBeSigned.children();
  if (!version || !ownAlgorithm || !issuer) throw new TypeError("no revocation list");
  const [entries, extensions] = rest.length === 2 ? rest : [undefined, rest[0]];
  const kept = entriesUntil(entries?.contents ?? Buffer.alloc(0), dates.thisUpdate);
  const rewritten = write(
    sequence,
    ...[version.all, ownAlgorithm.all, issuer.all, writeTime(dates.thisUpdate), writeTime(dates.nextUpdate)],
    ...(kept.length > 0 ? [write(sequence, kept)] : []),
    ...(extensions ? [extensions.all] : []),
  );
  const key = signerOf(database, toBeSigned.all, signature.contents.subarray(1));
  const signed = write(bitString, Buffer.of(0), sign("sha256", rewritten, key));
  return write(sequence, rewritten, algorithm.all, signed);
}

/** The authority's key that signed it: generations of an authority share their name. */
function signerOf(database: Database, signed: Buffer, signature: Buffer) {
  const rows = database.prepare("SELECT private_key FROM authorities").all() as { private_key: Uint8Array }[];
  for (const row of rows) {
    const key = createPrivateKey({ key: Buffer.from(row.private_key), type: "pkcs8", format: "der" });
    if (verify("sha256", signed, createPublicKey(key), signature)) return key;
  }
  throw new TypeError("the list is not of our authorities");
}

/** The entries revoked by then, one after the other: a list may hold millions. */
function entriesUntil(entries: Buffer, until: Date): Buffer {
  const kept = Buffer.allocUnsafe(entries.length);
  let length = 0;
  for (let at = 0; at < entries.length; ) {
    const entry = read(entries, at);
    const time = read(entry.contents, read(entry.contents, 0).end);
    if (timeOf(time) <= until.getTime()) length += entry.all.copy(kept, length);
    at = entry.end;
  }
  return kept.subarray(0, length);
}

type Element = { all: Buffer; contents: Buffer; end: number; children(): Element[] };

/** The element that begins at an offset; its length must end inside the buffer. */
function read(der: Buffer, start: number): Element {
  const first = der[start + 1] ?? 0x80;
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  const begin = start + 2 + lengthOctets;
  if (first === 0x80 || lengthOctets > 6 || begin > der.length) throw new TypeError("not DER");
  const end = begin + (lengthOctets === 0 ? first : der.readUIntBE(start + 2, lengthOctets));
  if (end > der.length) throw new TypeError("not DER");
  const contents = der.subarray(begin, end);
  const children = () => {
    const found: Element[] = [];
    for (let at = 0; at < contents.length; ) {
      const child = read(contents, at);
      found.push(child);
      at = child.end;
    }
    return found;
  };
  return { all: der.subarray(start, end), contents, end, children };
}

function write(tag: number, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digits = length.toString(16);
  const octets = Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex");
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return Buffer.concat([Buffer.from(header), ...parts]);
}

/** UTCTime, which RFC 5280 §5.1.2.4 wants until 2049. */
function writeTime(at: Date): Buffer {
  return write(utcTime, Buffer.from(`${at.toISOString().replace(/\D/g, "").slice(2, 14)}Z`));
}

function timeOf({ contents }: Element): number {
  const text = contents.toString("latin1");
  const [, year, ...parts] = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined) throw new TypeError("not a time");
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return Date.UTC(year.length === 2 ? 2000 + Number(year) : Number(year), month - 1, day, hour, minute, second);
}
