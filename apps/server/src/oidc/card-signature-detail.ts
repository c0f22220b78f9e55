import {
  CardSignatureDetail,
  cardSignatureType,
  ProtocolError,
  type ShownDocument,
  toShownDocument,
} from "@xid/protocol";
import { type Client, errors, type KoaContextWithOIDC } from "oidc-provider";
import { z } from "zod";

const Details = z.tuple([CardSignatureDetail]);

/** `authorization_details` that have passed `assertCardSignatureDetail`. */
export function parseCardSignatureDetail(text: string): {
  display: CardSignatureDetail["display"];
  document: ShownDocument;
} {
  const [{ display, document }] = Details.parse(JSON.parse(text));
  return { display, document: toShownDocument(document) };
}

/**
 * What the library leaves to us of `authorization_details` (RFC 9396 section 5): one signature in an authorization, in its
 * form, of a document that can be shown. Throws `invalid_authorization_details`.
 */
export function assertCardSignatureDetail(context: KoaContextWithOIDC, detail: object, _client: Client): void {
  const all = JSON.parse(String(context.oidc.params?.authorization_details)) as unknown[];
  if (all.length !== 1) refuse("one authorization asks for one signature");
  const parsed = CardSignatureDetail.safeParse(detail);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw refuse(`${path.join(".") || "detail"}: ${message}`);
  }
  try {
    toShownDocument(parsed.data.document);
  } catch (error) {
    throw error instanceof ProtocolError ? refuse(`document: ${error.message}`) : error;
  }
}

function refuse(why: string): never {
  throw new errors.InvalidAuthorizationDetails(`${cardSignatureType}: ${why}`);
}
