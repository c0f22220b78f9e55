import { createPublicKey, type KeyObject } from "node:crypto";
import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";

const oids = { rsa: "1.2.840.113549.1.1.1", ec: "1.2.840.10045.2.1" };

/** The kind of key that an algorithm identifier names; undefined for all that this package does not use. */
export function keyTypeOf(info: PublicKeyInfo): "rsa" | "ec" | undefined {
  return info.algorithm === oids.rsa ? "rsa" : info.algorithm === oids.ec ? "ec" : undefined;
}

/** Field size in octets of the named curves that are accepted. */
const curves: Readonly<Record<string, number>> = {
  "1.2.840.10045.3.1.7": 32,
  "1.3.132.0.34": 48,
  "1.3.132.0.35": 66,
};

const rsaBits = { min: 2048, max: 8192 };

/** SubjectPublicKeyInfo, structure only. */
export type PublicKeyInfo = {
  readonly der: Buffer;
  readonly algorithm: string;
  /** What follows the algorithm's OID: the curve, or NULL. */
  readonly parameters: DerReader;
  /** Content of subjectPublicKey: what a subject key identifier is the hash of (RFC 5280 4.2.1.2). */
  readonly key: Buffer;
};

export function readPublicKeyInfo(reader: DerReader): PublicKeyInfo {
  const start = reader.position;
  const sequence = reader.enter(tags.sequence);
  const parameters = sequence.enter(tags.sequence);
  const algorithm = parameters.oid();
  const key = sequence.octetsOfBitString();
  sequence.finish();
  return { der: reader.bytes.subarray(start, reader.position), algorithm, parameters, key };
}

/**
 * The key of a certificate for `node:crypto`. RSA from 2048 to 8192 bits in whole octets and ECDSA on P-256, P-384 and
 * P-521 by name and uncompressed point. Throws `WEAK_ALGORITHM`, `UNSUPPORTED` or `MALFORMED`.
 */
export function importPublicKey(info: PublicKeyInfo): KeyObject {
  const parameters = new DerReader(info.parameters.bytes, info.parameters.position, info.parameters.end);
  if (info.algorithm === oids.rsa) {
    if (parameters.content(tags.null).length !== 0) throw new PkiError("MALFORMED", "NULL with content");
    parameters.finish();
    checkRsaKey(info.key);
    // The PKCS#1 slice spares OpenSSL the search through its decoders, which costs more than the verification itself.
    return importKey({ key: info.key, format: "der", type: "pkcs1" });
  }
  if (info.algorithm !== oids.ec) throw new PkiError("UNSUPPORTED", `public key algorithm ${info.algorithm}`);
  if (parameters.tag !== tags.oid) throw new PkiError("UNSUPPORTED", "elliptic curve without a name");
  const curve = parameters.oid();
  parameters.finish();
  const size = curves[curve];
  if (size === undefined) throw new PkiError("WEAK_ALGORITHM", `elliptic curve ${curve}`);
  if (info.key[0] !== 4 || info.key.length !== 1 + 2 * size) throw new PkiError("UNSUPPORTED", "point is compressed");
  return importKey({ key: info.der, format: "der", type: "spki" });
}

/** Node looks what kind of key it was given by throwing and catching; recording those stacks takes three quarters of the time. */
function importKey(input: { key: Buffer; format: "der"; type: "pkcs1" | "spki" }): KeyObject {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return createPublicKey(input);
  } catch (cause) {
    Error.stackTraceLimit = stackTraceLimit;
    throw new PkiError("MALFORMED", "public key", { cause });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function checkRsaKey(key: Buffer): void {
  const reader = new DerReader(key);
  const sequence = reader.enter(tags.sequence);
  reader.finish();
  const modulus = sequence.integer();
  const exponent = sequence.integer();
  sequence.finish();
  if (modulus[0]! >= 0x80 || exponent[0]! >= 0x80) throw new PkiError("MALFORMED", "negative RSA key");
  // A modulus of whole octets has its top bit set, so its INTEGER begins with a zero octet.
  const bits = (modulus.length - 1) * 8;
  if (modulus[0] !== 0 || bits < rsaBits.min)
    throw new PkiError("WEAK_ALGORITHM", "RSA key below 2048 bits, or uneven");
  if (bits > rsaBits.max) throw new PkiError("UNSUPPORTED", `RSA key above ${rsaBits.max} bits`);
  if (exponent.length > 5 || (exponent[exponent.length - 1]! & 1) === 0 || exponent.equals(Buffer.of(1))) {
    throw new PkiError("WEAK_ALGORITHM", "RSA exponent");
  }
}
