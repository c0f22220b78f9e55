import { WalletError } from "../wallet-error.ts";

/** Turns a DER ECDSA signature (RFC 3279 §2.2.3) over P-256 into r ‖ s, 64 bytes. */
export function fromDerSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  // A P-256 signature is at most 72 bytes, so all lengths are in the short form.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) throw malformed();
  const raw = new Uint8Array(64);
  let position = 2;
  for (const end of [32, 64]) {
    const length = der[position + 1];
    if (der[position] !== 0x02 || length === undefined || length === 0) throw malformed();
    position += 2;
    const integer = der.subarray(position, position + length);
    position += length;
    const digits = integer[0] === 0 ? integer.subarray(1) : integer;
    if (integer.length !== length || digits.length > 32) throw malformed();
    raw.set(digits, end - digits.length);
  }
  if (position !== der.length) throw malformed();
  return raw;
}

function malformed(): WalletError {
  return new WalletError("MALFORMED", "not a DER signature over P-256");
}
