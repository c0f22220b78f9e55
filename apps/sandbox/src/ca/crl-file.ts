import { createSign } from "node:crypto";
import { type FileHandle, open, rename } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { AsnConvert, AsnIntegerArrayBufferConverter, OctetString } from "@peculiar/asn1-schema";
import { Extension, Extensions, id_ce_cRLNumber, type Name, Time } from "@peculiar/asn1-x509";
import type { Authority } from "./authority.ts";
import { serialOctets, signatureAlgorithm } from "./certificate.ts";
import { entrySize, longestEntry, type RevokedEntry, writeEntry } from "./crl-entry.ts";
import { element, header, tags } from "./der.ts";
import { authorityKeyIdentifier, issuingDistributionPoint } from "./extensions.ts";

export type CrlContents = {
  number: number;
  thisUpdate: Date;
  nextUpdate: Date;
  /** The partition's name, for a list that isn't complete. */
  distributionPoint: Name | undefined;
  /** In the order of the list, the same at every call. */
  entries: () => Iterable<RevokedEntry>;
};

const chunkSize = 1 << 18;
/** After so many entries everything else gets its turn. */
const breath = 50_000;

/**
 * Signs a CRL (RFC 5280 §5.1) and writes it to a file, whole or not at all. DER says every length before the contents, so
 * the entries are gone through twice; what is held in memory does not grow with them.
 */
export async function writeCrl(path: string, authority: Authority, contents: CrlContents): Promise<void> {
  const entriesLength = await measure(contents.entries());
  const { before, after } = frame(authority, contents, entriesLength);
  const algorithm = der(signatureAlgorithm());
  const signature = bitStringHeader(authority);
  const tbsLength = before.length + entriesLength + after.length;
  const tbsHeader = header(tags.sequence, tbsLength);
  const signatureLength = signature.header.length + signature.length;
  const whole = header(tags.sequence, tbsHeader.length + tbsLength + algorithm.length + signatureLength);
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    const signer = createSign("sha256");
    const write = async (bytes: Buffer) => {
      signer.update(bytes);
      await writeAll(file, bytes);
    };
    await writeAll(file, whole);
    await write(Buffer.concat([tbsHeader, before]));
    for (const chunk of encode(contents.entries())) await write(chunk);
    await write(after);
    await writeAll(file, Buffer.concat([algorithm, signature.header, signer.sign(authority.privateKey)]));
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** The tbsCertList around the entries. */
function frame(authority: Authority, contents: CrlContents, entriesLength: number) {
  const { number, thisUpdate, nextUpdate, distributionPoint } = contents;
  const crlNumber = AsnIntegerArrayBufferConverter.toASN(serialOctets(number)).toBER();
  const extensions = [
    authorityKeyIdentifier(authority.publicKey),
    new Extension({ extnID: id_ce_cRLNumber, critical: false, extnValue: new OctetString(crlNumber) }),
    ...(distributionPoint ? [issuingDistributionPoint(distributionPoint)] : []),
  ];
  const version2 = element(tags.integer, Buffer.of(1));
  const fields = [signatureAlgorithm(), authority.name, new Time(thisUpdate), new Time(nextUpdate)].map(der);
  // RFC 5280 §5.1.2.6: with no revoked certificates the list is absent, not empty.
  const list = entriesLength > 0 ? [header(tags.sequence, entriesLength)] : [];
  const written = der(new Extensions(extensions));
  return {
    before: Buffer.concat([version2, ...fields, ...list]),
    after: element(0xa0, written),
  };
}

async function measure(entries: Iterable<RevokedEntry>): Promise<number> {
  let length = 0;
  let count = 0;
  for (const entry of entries) {
    length += entrySize(entry);
    if (++count % breath === 0) await setImmediate();
  }
  return length;
}

/** Chunks of one buffer: each is over when the next is asked for. */
function* encode(entries: Iterable<RevokedEntry>): Generator<Buffer> {
  const chunk = Buffer.alloc(chunkSize);
  let length = 0;
  for (const entry of entries) {
    length = writeEntry(chunk, length, entry);
    if (length > chunkSize - longestEntry) {
      yield chunk.subarray(0, length);
      length = 0;
    }
  }
  yield chunk.subarray(0, length);
}

function bitStringHeader(authority: Authority) {
  const length = (authority.privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return { length, header: Buffer.concat([header(tags.bitString, length + 1), Buffer.of(0)]) };
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}

function der(structure: object): Buffer {
  return Buffer.from(AsnConvert.serialize(structure));
}
