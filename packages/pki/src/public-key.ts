import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";
import { type HashName, type Message, matchesRsaSignature } from "./rsa-signature.ts";

const oids = { rsa: "1.2.840.113549.1.1.1", ec: "1.2.840.10045.2.1" };

/** Size of the field in octets, and OpenSSL's name, of the named curves that are accepted. */
const curves: Readonly<Record<string, { octets: number; name: string }>> = {
  "1.2.840.10045.3.1.7": { octets: 32, name: "prime256v1" },
  "1.3.132.0.34": { octets: 48, name: "secp384r1" },
  "1.3.132.0.35": { octets: 66, name: "secp521r1" },
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
 * The key of a certificate, checked: RSA from 2048 to 8192 bits in whole octets, or ECDSA on P-256, P-384 and P-521 by
 * name and uncompressed point. The constructor throws `WEAK_ALGORITHM`, `UNSUPPORTED` or `MALFORMED`.
 */
export class PublicKey {
  readonly type: "rsa" | "ec";
  /** OpenSSL's name of the curve. */
  readonly curve: string | undefined;
  readonly #info: PublicKeyInfo;
  /** Of an RSA modulus. */
  readonly #octets: number;
  #keyObject: KeyObject | undefined;
  #used = false;

  constructor(info: PublicKeyInfo) {
    this.#info = info;
    const parameters = new DerReader(info.parameters.bytes, info.parameters.position, info.parameters.end);
    if (info.algorithm === oids.rsa) {
      if (parameters.content(tags.null).length !== 0) throw new PkiError("MALFORMED", "NULL with content");
      parameters.finish();
      this.type = "rsa";
      this.#octets = modulusOctets(info.key);
      return;
    }
    if (info.algorithm !== oids.ec) throw new PkiError("UNSUPPORTED", `public key algorithm ${info.algorithm}`);
    if (parameters.tag !== tags.oid) throw new PkiError("UNSUPPORTED", "elliptic curve without a name");
    const oid = parameters.oid();
    parameters.finish();
    const curve = curves[oid];
    if (curve === undefined) throw new PkiError("WEAK_ALGORITHM", `elliptic curve ${oid}`);
    if (info.key[0] !== 4 || info.key.length !== 1 + 2 * curve.octets) {
      throw new PkiError("UNSUPPORTED", "point is compressed");
    }
    this.type = "ec";
    this.curve = curve.name;
    this.#octets = 0;
    // OpenSSL finds out whether the point is on the curve.
    void this.keyObject;
  }

  /** For `node:crypto`. */
  get keyObject(): KeyObject {
    this.#keyObject ??= importKey(this.#info, this.type);
    return this.#keyObject;
  }

  /** PKCS#1 v1.5 for an RSA key, the DER form of ECDSA for one on a curve. */
  matches(hash: HashName, data: Uint8Array, signature: Uint8Array): boolean {
    if (this.type === "ec") return verify(hash, data, this.keyObject, signature);
    return this.#matchesRsa({ hash, message: { data }, signature });
  }

  /** PKCS#1 v1.5 over a digest; false for a key on a curve. */
  matchesDigest(hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
    return this.type === "rsa" && this.#matchesRsa({ hash, message: { digest }, signature });
  }

  #matchesRsa(input: { hash: HashName; message: Message; signature: Uint8Array }): boolean {
    // Most keys verify once and never again: a KeyObject is made for the second signature.
    if (this.#used) return matchesRsaSignature(this.keyObject, this.#octets, input);
    this.#used = true;
    return withoutStacks(() => matchesRsaSignature(pkcs1(this.#info), this.#octets, input));
  }

  /** RSASSA-PSS (RFC 8017 8.1) with MGF1 on the same hash and a salt of its length. */
  matchesPss(hash: HashName, data: Uint8Array, signature: Uint8Array): boolean {
    if (this.type !== "rsa") return false;
    return verify(hash, data, { key: this.keyObject, ...pssPadding }, signature);
  }
}

const pssPadding = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
} as const;

/**
 * The PKCS#1 slice spares OpenSSL the search through its decoders, which costs more than the verification itself; a
 * string spares Node two of the exceptions by which it finds out that this is no key object.
 */
const pkcs1 = ({ key }: PublicKeyInfo) =>
  ({ key: key.toString("latin1"), encoding: "latin1", format: "der", type: "pkcs1" }) as const;

function importKey(info: PublicKeyInfo, type: "rsa" | "ec"): KeyObject {
  try {
    return withoutStacks(() =>
      createPublicKey(type === "rsa" ? pkcs1(info) : { key: info.der, format: "der", type: "spki" }),
    );
  } catch (cause) {
    throw new PkiError("MALFORMED", "public key", { cause });
  }
}

/** Recording the stacks of the exceptions that Node throws and catches inside would take most of the time. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Checks an RSAPublicKey (RFC 8017 appendix A.1.1). */
function modulusOctets(key: Buffer): number {
  const reader = new DerReader(key);
  const sequence = reader.enter(tags.sequence);
  reader.finish();
  const modulus = sequence.integer();
  const exponent = sequence.integer();
  sequence.finish();
  if (modulus[0]! >= 0x80 || exponent[0]! >= 0x80) throw new PkiError("MALFORMED", "negative RSA key");
  // A modulus of whole octets has its top bit set, so its INTEGER begins with a zero octet.
  const octets = modulus.length - 1;
  if (modulus[0] !== 0 || octets * 8 < rsaBits.min)
    throw new PkiError("WEAK_ALGORITHM", "RSA key below 2048 bits, or uneven");
  if (octets * 8 > rsaBits.max) throw new PkiError("UNSUPPORTED", `RSA key above ${rsaBits.max} bits`);
  if (exponent.length > 5 || (exponent[exponent.length - 1]! & 1) === 0 || exponent.equals(Buffer.of(1))) {
    throw new PkiError("WEAK_ALGORITHM", "RSA exponent");
  }
  return octets;
}
