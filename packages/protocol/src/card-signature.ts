import { z } from "zod";
import { fromBase64url, toBase64url } from "./bytes.ts";
import { sha256 } from "./canonical.ts";
import { ProtocolError } from "./error.ts";
import { shownLine, unshown } from "./shown-line.ts";
import { SignatureLayout } from "./signature-layout.ts";

/** `type` of the member of `authorization_details` (RFC 9396) that asks for a signature by the card. */
export const cardSignatureType = "urn:xid:card-signature";

/** Bytes of a text or a file that are sent whole; of anything larger the digest is signed. */
export const maxDocumentSize = 65_536;

const digest = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, "must be a SHA-256 in base64url");
const fileName = shownLine(120);

/** What is to be signed, as the relying party gives it: a text to be read, a file's bytes, or a file's digest. */
export const DocumentToSign = z.union([
  z.strictObject({ text: z.string().min(1).max(maxDocumentSize) }),
  z.strictObject({
    data: z
      .string()
      .min(1)
      .max(Math.ceil((maxDocumentSize * 4) / 3))
      .regex(/^[A-Za-z0-9_-]+$/),
    name: fileName,
  }),
  z.strictObject({ digest, name: fileName, size: z.int().min(1) }),
]);
export type DocumentToSign = z.infer<typeof DocumentToSign>;

/** The member of `authorization_details`. */
export const CardSignatureDetail = z.strictObject({
  type: z.literal(cardSignatureType),
  document: DocumentToSign,
  display: SignatureLayout,
});
export type CardSignatureDetail = z.infer<typeof CardSignatureDetail>;

/** What is shown of a document. `digest` is the SHA-256 that the card signs, `size` is in bytes (of a text: as UTF-8). */
export const ShownDocument = z.discriminatedUnion("form", [
  z.object({ form: z.literal("text"), text: z.string(), digest, size: z.int() }),
  z.object({ form: z.literal("file"), name: z.string(), digest, size: z.int() }),
]);
export type ShownDocument = z.infer<typeof ShownDocument>;

/** Of a file the bytes are not kept. Throws `ProtocolError("MALFORMED")` on a document that cannot be shown or is too large. */
export function toShownDocument(document: DocumentToSign): ShownDocument {
  if ("text" in document) {
    const { text } = document;
    if (unshown.test(text.replace(/[\t\n\r]/g, ""))) {
      throw new ProtocolError("MALFORMED", "the text has characters that cannot be shown; send it as data");
    }
    return { form: "text", text, ...measured(new TextEncoder().encode(text)) };
  }
  const { name } = document;
  if ("data" in document) return { form: "file", name, ...measured(fromBase64url(document.data)) };
  return { form: "file", name, digest: document.digest, size: document.size };
}

/**
 * The SHA-256 that the card is to sign. A text is hashed here, so that what is signed is what was shown: throws
 * `ProtocolError("MALFORMED")` when the platform names another digest. A file's digest is taken as it is.
 */
export function digestToSign(document: ShownDocument): Uint8Array {
  const named = fromBase64url(document.digest);
  if (document.form === "file") return named;
  const computed = sha256(new TextEncoder().encode(document.text));
  if (toBase64url(computed) !== document.digest) throw new ProtocolError("MALFORMED", "the digest is of another text");
  return computed;
}

function measured(bytes: Uint8Array): { digest: string; size: number } {
  if (bytes.length > maxDocumentSize) throw new ProtocolError("MALFORMED", "the document is larger than 64 KiB");
  return { digest: toBase64url(sha256(bytes)), size: bytes.length };
}
