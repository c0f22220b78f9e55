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

const longest: Record<SignatureMode, number> = {
  verbatim: 245,
  bareDigestOfMessage: 255,
  digest: 32,
  message: 255,
  pssDigest: 32,
  pssMessage: 255,
};

/**
 * COMPUTE DIGITAL SIGNATURE with the current key file (P2 80) or the application's own key (00). Throws RangeError for
 * an input that the mode does not take; then nothing is sent.
 */
export async function computeSignature(
  transport: CardTransport,
  { mode, p2, input }: { mode: SignatureMode; p2: 0x00 | 0x80; input: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const exact = mode === "digest" || mode === "pssDigest";
  if (input.length < (exact ? 32 : 1) || input.length > longest[mode]) {
    throw new RangeError(`the card takes no ${input.length} bytes in mode ${mode}`);
  }
  const command = { cla: 0x80, ins: 0x2a, p1: signatureMode[mode], p2, data: input, le: 0x100 };
  const { data, statusWord } = await transceive(transport, command);
  if (statusWord !== StatusWord.ok) throw unexpected("COMPUTE DIGITAL SIGNATURE", statusWord);
  if (data.length !== 256) throw new CardError("MALFORMED_RESPONSE", "not an RSA-2048 signature");
  return Uint8Array.from(data);
}
