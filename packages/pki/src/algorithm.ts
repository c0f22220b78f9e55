import type { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";

/** How a certificate, CRL or OCSP response is signed. */
export type SignatureAlgorithm = {
  readonly oid: string;
  /** The AlgorithmIdentifier as received. */
  readonly der: Buffer;
  /** Absent when this package does not verify the algorithm. */
  readonly known: { readonly key: "rsa" | "ec"; readonly hash: "sha256" | "sha384" | "sha512" } | undefined;
};

const algorithms: Readonly<Record<string, SignatureAlgorithm["known"]>> = {
  "1.2.840.113549.1.1.11": { key: "rsa", hash: "sha256" },
  "1.2.840.113549.1.1.12": { key: "rsa", hash: "sha384" },
  "1.2.840.113549.1.1.13": { key: "rsa", hash: "sha512" },
  "1.2.840.10045.4.3.2": { key: "ec", hash: "sha256" },
  "1.2.840.10045.4.3.3": { key: "ec", hash: "sha384" },
  "1.2.840.10045.4.3.4": { key: "ec", hash: "sha512" },
};

/** Reads the AlgorithmIdentifier of a signature: NULL or no parameters for RSA (RFC 4055 5), none for ECDSA (RFC 5758 3.2). */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm {
  const start = reader.position;
  const sequence = reader.enter(tags.sequence);
  const oid = sequence.oid();
  const known = algorithms[oid];
  if (known !== undefined) {
    if (known.key === "rsa" && !sequence.done && sequence.content(tags.null).length !== 0) {
      throw new PkiError("MALFORMED", "NULL with content");
    }
    sequence.finish();
  }
  return { oid, der: reader.bytes.subarray(start, reader.position), known };
}
