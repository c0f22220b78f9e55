import { CardError } from "./card-error.ts";
import { transceive, unexpected } from "./file.ts";
import { StatusWord } from "./status-word.ts";
import type { CardTransport } from "./transport.ts";

/** What the card does with the input before RSA: P1 of COMPUTE DIGITAL SIGNATURE. */
export const signatureMode = {
  /** PKCS #1 v1.5 padding around 1 to 245 bytes as they are: usually a DigestInfo. */
  verbatim: 0x00,
  /** The same around the bare SHA-256 of a message of up to 255 bytes. */
  bareDigestOfMessage: 0x01,
  /** RSASSA-PKCS1-v1_5 of a SHA-256 digest, 32 bytes. */
  digest: 0x02,
  /** RSASSA-PKCS1-v1_5 with SHA-256 of a message of up to 255 bytes. */
  message: 0x03,
  /** RSASSA-PSS of a SHA-256 digest, 32 bytes, with a random salt as long. */
  pssDigest: 0x04,
  /** RSASSA-PSS with SHA-256 of a message of up to 255 bytes. */
  pssMessage: 0x05,
} as const;
export type SignatureMode = keyof typeof signatureMode;

/** RSA-2048, or P-384 of the draft of the next card. */
export type KeyKind = "rsa" | "p384";

/** Fewest and most bytes of input. The draft's keys sign by ECDSA: r and s in 48 bytes each, over SHA-384. */
const inputs: Record<KeyKind, Partial<Record<SignatureMode, [number, number]>>> = {
  rsa: {
    verbatim: [1, 245],
    bareDigestOfMessage: [1, 255],
    digest: [32, 32],
    message: [1, 255],
    pssDigest: [32, 32],
    pssMessage: [1, 255],
  },
  p384: { digest: [48, 48], message: [1, 255] },
};
const signatureSizes: Record<KeyKind, number> = { rsa: 256, p384: 96 };

/**
 * COMPUTE DIGITAL SIGNATURE with the current key file (P2 80) or the application's own key (00). Throws RangeError for
 * an input that the mode does not take; then nothing is sent.
 */
export async function computeSignature(
  transport: CardTransport,
  { kind, mode, p2, input }: { kind: KeyKind; mode: SignatureMode; p2: 0x00 | 0x80; input: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const [fewest, most] = inputs[kind][mode] ?? [1, 0];
  if (input.length < fewest || input.length > most) {
    throw new RangeError(`this key takes no ${input.length} bytes in mode ${mode}`);
  }
  const command = { cla: 0x80, ins: 0x2a, p1: signatureMode[mode], p2, data: input, le: 0x100 };
  const { data, statusWord } = await transceive(transport, command);
  if (statusWord !== StatusWord.ok) throw unexpected("COMPUTE DIGITAL SIGNATURE", statusWord);
  if (data.length !== signatureSizes[kind]) throw new CardError("MALFORMED_RESPONSE", "not a signature of this key");
  return Uint8Array.from(data);
}
