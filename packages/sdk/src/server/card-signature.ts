import { createHash } from "node:crypto";
import { PkiError, parseCertificate, verifyDigestSignature } from "@xid/pki";
import {
  type CardSignatureDetail,
  cardSignatureType,
  type DocumentToSign,
  type SignatureLayout,
  type SignedByCard,
  toShownDocument,
} from "@xid/protocol";
import type { TokenEndpointResponse } from "openid-client";
import type { Connection } from "./client.ts";
import { readResult } from "./read-result.ts";
import { XidError } from "./xid-error.ts";

/** What a person is to sign with their card. */
export type SignatureOrder = {
  /** A text, which is shown as it is (at most 64 KiB); or a file, of which only the digest leaves this process. */
  document: { text: string } | { file: Uint8Array; name: string };
  /** What stands above it, in one of three fixed layouts. */
  display: SignatureLayout;
};

/** What a person has signed with their card. */
export type CardSignature = SignedByCard & {
  requestId: string;
  evidenceId: string;
  /** SHA-256 of the document in base64url: the one that was ordered. */
  digest: string;
};

/** The `authorization_details` of an order, and the digest that must have been signed. Throws a TypeError on an order that cannot be shown. */
export function toAuthorizationDetails({ document, display }: SignatureOrder): { parameter: string; digest: string } {
  const sent: DocumentToSign =
    "text" in document
      ? document
      : {
          digest: createHash("sha256").update(document.file).digest("base64url"),
          name: document.name,
          size: document.file.length,
        };
  const detail: CardSignatureDetail = { type: cardSignatureType, document: sent, display };
  try {
    return { parameter: JSON.stringify([detail]), digest: toShownDocument(sent).digest };
  } catch (cause) {
    throw new TypeError("the document cannot be signed", { cause });
  }
}

/**
 * Reads the result of the request that the tokens came from, and makes sure that what was ordered is what was signed: where
 * the certificate is given, by verifying the signature; else by the platform's word. Throws `XidError`.
 */
export async function readCardSignature(
  connection: Connection,
  tokens: TokenEndpointResponse,
  digest: string,
): Promise<CardSignature> {
  const result = await readResult(connection, tokens, cardSignatureType);
  if (result.kind !== "card_signature" || !result.signature || !result.evidenceId) {
    throw new XidError("RESPONSE_INVALID", "the result is not of a card signature");
  }
  const { requestId } = result;
  if (result.document.digest !== digest) throw new XidError("RESPONSE_INVALID", "something else was signed");
  verify(result.signature, digest);
  return { ...result.signature, requestId, evidenceId: result.evidenceId, digest };
}

function verify({ value, certificates }: SignedByCard, digest: string): void {
  // Who may not have certificates gets neither; anything between the two is no answer.
  if (value === null && certificates === null) return;
  if (value === null || !certificates?.[0]) {
    throw new XidError("RESPONSE_INVALID", "a signature came without its certificate, or the other way round");
  }
  try {
    verifyDigestSignature({
      certificate: parseCertificate(Buffer.from(certificates[0], "base64")),
      digest: Buffer.from(digest, "base64url"),
      signature: Buffer.from(value, "base64"),
    });
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new XidError("RESPONSE_INVALID", "the signature does not fit the document", { cause });
  }
}
