import type { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { nullValue, objectIdentifier, sequence } from "./der/writer.ts";
import { PkiError } from "./pki-error.ts";

/** How a certificate, CRL or OCSP response is signed. */
export type SignatureAlgorithm = {
  readonly oid: string;
  /** The AlgorithmIdentifier as received. */
  readonly der: Buffer;
  /** Absent when this package does not verify the algorithm. */
  readonly known: { readonly key: "rsa" | "ec"; readonly hash: "sha256" | "sha384" | "sha512" } | undefined;
};

const rsa = (arc: string): Buffer => sequence(objectIdentifier(`1.2.840.113549.1.1.${arc}`), nullValue());
const ecdsa = (arc: string): Buffer => sequence(objectIdentifier(`1.2.840.10045.4.3.${arc}`));

/** In the form in which they are nearly always written. */
const known: readonly SignatureAlgorithm[] = [
  { oid: "1.2.840.113549.1.1.11", der: rsa("11"), known: { key: "rsa", hash: "sha256" } },
  { oid: "1.2.840.113549.1.1.12", der: rsa("12"), known: { key: "rsa", hash: "sha384" } },
  { oid: "1.2.840.113549.1.1.13", der: rsa("13"), known: { key: "rsa", hash: "sha512" } },
  { oid: "1.2.840.10045.4.3.2", der: ecdsa("2"), known: { key: "ec", hash: "sha256" } },
  { oid: "1.2.840.10045.4.3.3", der: ecdsa("3"), known: { key: "ec", hash: "sha384" } },
  { oid: "1.2.840.10045.4.3.4", der: ecdsa("4"), known: { key: "ec", hash: "sha512" } },
];

/** Reads the AlgorithmIdentifier of a signature: NULL or no parameters for RSA (RFC 4055 5), none for ECDSA (RFC 5758 3.2). */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm {
  const usual = known.find(({ der }) => reader.startsWith(der));
  if (usual !== undefined) {
    reader.position += usual.der.length;
    return usual;
  }
  const start = reader.position;
  const identifier = reader.enter(tags.sequence);
  const oid = identifier.oid();
  const named = known.find((algorithm) => algorithm.oid === oid)?.known;
  if (named !== undefined) {
    if (named.key === "rsa" && !identifier.done && identifier.content(tags.null).length !== 0) {
      throw new PkiError("MALFORMED", "NULL with content");
    }
    identifier.finish();
  }
  return { oid, der: reader.bytes.subarray(start, reader.position), known: named };
}

/** RFC 5280 4.1.1.2, 5.1.1.2: the same identifier inside and outside, parameters included. */
export function isSameAlgorithm(a: SignatureAlgorithm, b: SignatureAlgorithm): boolean {
  return a === b || a.der.equals(b.der);
}
