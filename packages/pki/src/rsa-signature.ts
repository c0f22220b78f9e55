import { hash as digest, type KeyLike, publicDecrypt, type RsaPublicKey } from "node:crypto";
import { nullValue, objectIdentifier, octetString, sequence } from "./der/writer.ts";

export type HashName = "sha256" | "sha384" | "sha512";

/** What was signed, or its digest by whoever has it. */
export type Message = { data: Uint8Array } | { digest: Uint8Array };

/** DigestInfo (RFC 8017 appendix A.2.4) up to the digest. */
const digestInfo: Readonly<Record<HashName, Buffer>> = {
  sha256: digestInfoOf("2.16.840.1.101.3.4.2.1", 32),
  sha384: digestInfoOf("2.16.840.1.101.3.4.2.2", 48),
  sha512: digestInfoOf("2.16.840.1.101.3.4.2.3", 64),
};

function digestInfoOf(hash: string, octets: number): Buffer {
  const whole = sequence(sequence(objectIdentifier(hash), nullValue()), octetString(Buffer.alloc(octets)));
  return whole.subarray(0, -octets);
}

/**
 * RSASSA-PKCS1-v1_5 (RFC 8017 8.2.2): whether the signature, opened with the key, is the encoding of the digest and no
 * octet else. A twentieth cheaper than `crypto.verify`, an eighth with a key that has not been imported.
 * `octets` is the length of the modulus.
 */
export function matchesRsaSignature(
  key: RsaPublicKey | KeyLike,
  octets: number,
  input: { hash: HashName; message: Message; signature: Uint8Array },
): boolean {
  const { hash, message, signature } = input;
  if (signature.length !== octets) return false;
  const opened = open(key, signature);
  const prefix = digestInfo[hash];
  // The padding fills what is left (EMSA-PKCS1-v1_5): an encoding of this length leaves it no choice.
  if (opened === undefined || !prefix.equals(opened.subarray(0, prefix.length))) return false;
  const expected = "digest" in message ? Buffer.from(message.digest) : digest(hash, message.data, "buffer");
  return expected.equals(opened.subarray(prefix.length));
}

/** What stands behind the padding 00 01 FF … 00; undefined where there is none, or for a number above the modulus. */
function open(key: RsaPublicKey | KeyLike, signature: Uint8Array): Buffer | undefined {
  try {
    return publicDecrypt(key, signature);
  } catch (error) {
    if (error instanceof Error && "library" in error) return undefined;
    throw error;
  }
}
