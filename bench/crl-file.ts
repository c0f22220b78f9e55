import { execFile } from "node:child_process";
import { createSign, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseCertificate } from "@xid/pki";

/** How the serial numbers are: as the JPKI's, from one counter, or 16 random octets as those of most CAs. */
export type SerialKind = "counter" | "random";

export type CrlFile = { crl: string; authority: string; entries: number; serials: SerialKind };

const openssl = promisify(execFile);
const issuer = "/C=JP/O=BENCH-JPKI/CN=CRL";
/** Counted serial numbers begin here, and one in so many is revoked. */
const [firstSerial, spacing] = [0x0100_0000, 24];

/** A certificate authority, by OpenSSL, whose key is in `authority.key`; answers the files. */
export async function makeAuthority(directory: string): Promise<{ key: string; certificate: string }> {
  const [key, certificate] = [join(directory, "authority.key"), join(directory, "authority.pem")];
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(key, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
  await openssl("openssl", [
    "req",
    "-x509",
    "-key",
    key,
    "-subj",
    issuer,
    "-days",
    "30",
    ...usage,
    "-out",
    certificate,
  ]);
  return { key, certificate };
}

/** Of a serial number's content. */
export const serialOctets: Record<SerialKind, number> = { counter: 4, random: 16 };

/** Writes the serial number of a place, or a neighbour of it that no CRL made here lists. */
export function writeSerial(to: Uint8Array, kind: SerialKind, place: number, listed: boolean): void {
  if (kind === "counter") {
    const within = (Math.imul(place, 0x9e3779b1) >>> 0) % (spacing - 1);
    writeWord(to, 0, firstSerial + place * spacing + within + (listed ? 0 : 1));
    return;
  }
  for (let word = 0; word < 4; word++) writeWord(to, word, Math.imul(place * 2 + (listed ? 1 : 2), multipliers[word]!));
  to[0] = (to[0]! & 0x3f) | 0x40;
}

/** Odd, so that different places stay different. */
const multipliers = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

function writeWord(to: Uint8Array, word: number, value: number): void {
  for (let octet = 0; octet < 4; octet++) to[word * 4 + octet] = value >>> (24 - octet * 8);
}

/** Writes a CRL of as many entries as one likes, without holding it in memory. Every entry has a reason. */
export async function makeCrl(directory: string, serials: SerialKind, entries: number): Promise<CrlFile> {
  const { key, certificate } = await makeAuthority(directory);
  const name = await subjectOf(certificate);
  const serial = Buffer.alloc(serialOctets[serials], 1);
  const entry = element(0x30, element(0x02, serial), utc("261031150000Z"), reason(3));
  const before = Buffer.concat([Buffer.from("020101", "hex"), sha256WithRsa, name, utc(stamp(-1)), utc(stamp(1))]);
  const number = element(0x30, Buffer.from("0603551d14", "hex"), element(0x04, Buffer.from("020107", "hex")));
  const after = element(0xa0, element(0x30, number));
  const listOctets = entry.length * entries;
  const listHeader = header(0x30, listOctets);
  const tbsOctets = before.length + listHeader.length + listOctets + after.length;
  const tbsHeader = header(0x30, tbsOctets);
  const signatureOctets = 4 + 1 + 256;
  const outer = header(0x30, tbsHeader.length + tbsOctets + sha256WithRsa.length + signatureOctets);

  const crl = join(directory, `${serials}-${entries}.crl`);
  const file = createWriteStream(crl);
  const sign = createSign("sha256");
  const write = async (part: Buffer, signed = true) => {
    if (signed) sign.update(part);
    if (!file.write(part)) await once(file, "drain");
  };
  await write(outer, false);
  for (const part of [tbsHeader, before, listHeader]) await write(part);
  const block = 10_000;
  for (let index = 0; index < entries; index += block) {
    const count = Math.min(block, entries - index);
    const part = Buffer.alloc(count * entry.length);
    for (let within = 0; within < count; within++) {
      entry.copy(part, within * entry.length);
      // Not in the order of the numbers.
      const place = ((index + within) * 40_503) % entries;
      writeSerial(part.subarray(within * entry.length + 4), serials, place, true);
      part[(within + 1) * entry.length - 1] = reasons[(index + within) % reasons.length]!;
    }
    await write(part);
  }
  await write(after);
  await write(sha256WithRsa, false);
  const signature = sign.sign(await readFile(key));
  await write(element(0x03, Buffer.of(0), signature), false);
  file.end();
  await once(file, "finish");
  return { crl, authority: certificate, entries, serials };
}

/** Those of life events: keyCompromise, affiliationChanged, superseded, cessationOfOperation, certificateHold. */
const reasons = [1, 3, 4, 5, 6];
const sha256WithRsa = Buffer.from("300d06092a864886f70d01010b0500", "hex");
const utc = (text: string): Buffer => element(0x17, Buffer.from(text));
const reason = (code: number): Buffer =>
  element(0x30, element(0x30, Buffer.from("0603551d15", "hex"), element(0x04, Buffer.from([0x0a, 1, code]))));

function stamp(days: number): string {
  const digits = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, "");
  return `${digits.slice(2, 14)}Z`;
}

async function subjectOf(certificate: string): Promise<Buffer> {
  return parseCertificate(new X509Certificate(await readFile(certificate)).raw).subject.der;
}

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const significant = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | significant.length]), significant]);
}

function element(tag: number, ...content: Buffer[]): Buffer {
  return Buffer.concat([
    header(
      tag,
      content.reduce((sum, part) => sum + part.length, 0),
    ),
    ...content,
  ]);
}
