import { type SignatureOrder, toAuthorizationDetails } from "./card-signature.ts";
import { identityRefreshDetails } from "./continuity.ts";
import { type DocumentExpectation, type DocumentOrder, toDocumentDetail } from "./document-signature.ts";
import { type MyNumberExpectation, type MyNumberOrder, toMyNumberDetail } from "./my-number.ts";

/** What a person is asked for beyond who they are: one thing at a time. */
export type Asked = {
  /** What the person is to sign with their card. */
  sign?: SignatureOrder;
  /** What the person is to sign with the key of their device: from `signDocument`. */
  document?: DocumentOrder;
  /** Which of the document's signers they are, from 1; the next one without. */
  signer?: number;
  /** For what the person is to hand over their My Number. */
  myNumber?: MyNumberOrder;
  /** Whether the person is to read their card again. */
  refreshIdentity?: boolean;
};

/** What of it is remembered until the answer comes. */
export type Expectation = {
  /** SHA-256 in base64url of what is to be signed with the card. */
  digest?: string;
  document?: DocumentExpectation;
  /** For what a My Number was asked. */
  myNumber?: MyNumberExpectation;
};

type Items = { required?: readonly unknown[]; optional?: readonly unknown[] };

/** The `authorization_details` (RFC 9396), none for a sign-in. Throws a TypeError on an order that cannot be. */
export function toDetails({
  sign,
  document,
  signer,
  myNumber,
  refreshIdentity = false,
  required = [],
  optional = [],
}: Asked & Items): {
  parameters: { authorization_details?: string };
  expected: Expectation;
} {
  if ([sign, document, myNumber, refreshIdentity || undefined].filter((one) => one !== undefined).length > 1) {
    throw new TypeError("a request asks for a signature, a My Number or the card, and for one of them");
  }
  if (sign) {
    const { parameter, digest } = toAuthorizationDetails(sign);
    return { parameters: { authorization_details: parameter }, expected: { digest } };
  }
  if (document) {
    const { parameter, expected } = toDocumentDetail(document, signer);
    return { parameters: { authorization_details: parameter }, expected: { document: expected } };
  }
  if (myNumber) {
    if (required.length + optional.length > 0) throw new TypeError("a My Number is asked for by itself");
    const { parameter, expected } = toMyNumberDetail(myNumber);
    return { parameters: { authorization_details: parameter }, expected: { myNumber: expected } };
  }
  return { parameters: refreshIdentity ? { authorization_details: identityRefreshDetails } : {}, expected: {} };
}
