import { type CardPublicKey, parsePublicKey } from "./card-public-key.ts";
import type { CardAuthority } from "./card-verifiable-certificate.ts";
import { concatenate } from "./concatenate.ts";
import { fromHex } from "./hex.ts";
import { encodeTlv } from "./tlv.ts";

/**
 * Authorities from JSON, bytes in hexadecimal: `[{ keyId, modulus, exponent }]`, or `point` for the draft's P-384. So the
 * sandbox publishes its own at `/reader/authorities`. Throws TypeError for another form or for none.
 */
export function parseCardAuthorities(json: unknown): CardAuthority[] {
  if (!Array.isArray(json) || json.length === 0) throw new TypeError("not a list of authorities");
  return json.map((entry: unknown) => {
    const { keyId, modulus, exponent, point } = Object(entry) as Record<string, unknown>;
    if (typeof keyId !== "string" || !/^[0-9a-f]{32}$/.test(keyId)) throw new TypeError("an authority without key id");
    const objects =
      point === undefined
        ? concatenate(encodeTlv(0x90, bytes(exponent)), encodeTlv(0x91, bytes(modulus)))
        : encodeTlv(0x86, bytes(point));
    return { keyId, publicKey: keyOf(objects) };
  });
}

function keyOf(objects: Uint8Array): CardPublicKey {
  try {
    return parsePublicKey(objects);
  } catch (cause) {
    throw new TypeError("an authority with a key that cards do not have", { cause });
  }
}

function bytes(hex: unknown): Uint8Array {
  const decoded = typeof hex === "string" && hex.length <= 2048 ? fromHex(hex) : undefined;
  if (!decoded) throw new TypeError("an authority's key that is not hexadecimal");
  return decoded;
}
