import { z } from "zod";
import { SignatureLevel, SignedDocument } from "./document-signature.ts";
import { ValidationReport } from "./documents.ts";
import { ItemName } from "./items.ts";
import { Attributes } from "./messages.ts";
import { MyNumberPurposeCode, SealedHandOver } from "./my-number.ts";

const sha256 = z.base64url().length(43);

/** One thing that was verified, in the words of the report. */
export const VerificationFact = z.object({
  check: z.enum([
    "signature",
    "certificate_path",
    "certificate_purpose",
    "certificate_validity",
    "revocation",
    "person",
  ]),
  outcome: z.literal("passed"),
  detail: z.string(),
});

/** What the platform found, in the vocabulary of ETSI EN 319 102-1: nothing but a signature that passed is ever completed. */
export const VerificationReport = z.object({
  indication: z.literal("TOTAL-PASSED"),
  verifiedAt: z.iso.datetime(),
  facts: z.array(VerificationFact),
});

/**
 * A signature by a card. The members that would tell the certificate, its serial number or its key are null for a relying
 * party that is not registered as one that the law lets have them (`xid_receives_certificates`).
 */
export const SignedByCard = z.object({
  /** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518). */
  algorithm: z.literal("RS256"),
  value: z.base64().nullable(),
  /** The same octets as detached CMS SignedData (RFC 5652) with the chain, DER. */
  cms: z.base64().nullable(),
  /** DER: the card's signature certificate and the authorities above it up to the anchor. */
  certificates: z.array(z.base64()).nullable(),
  /** SHA-256 of `value` and `cms`, for whoever is shown them later. */
  hashes: z.object({ value: sha256, cms: sha256 }),
  report: VerificationReport,
  revocation: z.object({
    source: z.enum(["ocsp", "crl"]),
    status: z.literal("good"),
    checkedAt: z.iso.datetime(),
    /** The OCSP response (RFC 6960), DER; null also where the answer was a revocation list. */
    response: z.base64().nullable(),
    /** SHA-256 of the revocation list. */
    listDigest: z.base64().nullable(),
  }),
});
export type SignedByCard = z.infer<typeof SignedByCard>;

/** A signature by the device's key with the xID signing certificate, which names its holder. */
export const SignedByDevice = z.object({
  /** DER: the signing certificate and the authorities above it up to the root. */
  certificates: z.array(z.base64()),
  /** Detached CMS SignedData (RFC 5652, CAdES), DER. */
  cms: z.base64().nullable(),
  /** Compact JWS (RFC 7515), ES256; of a detached one without its payload. */
  jws: z.string().nullable(),
  /** What was rendered, and signed (`signedContent`): canonical JSON. */
  content: z.base64(),
  report: ValidationReport,
});
export type SignedByDevice = z.infer<typeof SignedByDevice>;
/** What remains of a hand-over once nobody here has it any more: nothing of the number. */
export const HandOverReceipt = z.object({
  purpose: MyNumberPurposeCode,
  lawVersion: z.string(),
  /** `waiting` for the relying party to pick it up; `gone` when it was not picked up in time. */
  state: z.enum(["asked", "waiting", "collected", "gone"]),
  /** SHA-256 of the envelope; null before the approval. */
  envelopeDigest: sha256.nullable(),
  collectedAt: z.iso.datetime().nullable(),
});
export type HandOverReceipt = z.infer<typeof HandOverReceipt>;

const common = {
  requestId: z.string(),
  state: z.enum(["created", "opened", "approved", "completed", "declined", "expired", "cancelled", "failed"]),
  createdAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  /** What the person let go; empty before the approval. */
  items: z.array(ItemName),
  /** Where the items go end to end: the JWE for the relying party, as it came from the app. Null otherwise, and before. */
  presentation: z.string().nullable(),
  /** Of the act, once it was approved: `GET /v1/evidence/{id}`. */
  evidenceId: z.uuid().nullable(),
};

/** Answer to `GET /v1/requests/{id}`, by kind. */
export const RequestResult = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sign_in"), ...common }),
  z.object({
    kind: z.literal("card_signature"),
    ...common,
    document: z.object({
      /** Null for a text. */
      name: z.string().nullable(),
      /** SHA-256 of what was signed. */
      digest: sha256,
      /** Bytes. */
      size: z.int(),
    }),
    /** Null before the approval. */
    signature: SignedByCard.nullable(),
  }),
  z.object({
    kind: z.literal("document_signature"),
    ...common,
    format: z.enum(["pdf", "cms", "jws"]),
    level: SignatureLevel,
    /** Of a PDF: `GET /v1/documents/{id}/content` with the client's own token. */
    document: SignedDocument,
    /** Null before the approval. */
    signature: SignedByDevice.nullable(),
  }),
  /** When the card was read; null before the approval. */
  z.object({ kind: z.literal("identity_refresh"), ...common, refreshedAt: z.iso.datetime().nullable() }),
  z.object({ kind: z.literal("my_number"), ...common, handOver: HandOverReceipt }),
]);
export type RequestResult = z.infer<typeof RequestResult>;

/**
 * Answer to `GET /v1/requests/{id}/hand-over`: the envelope, and whose it is by the platform's word. `holderKey` is what the
 * person's device named when it approved, `attributes` are those that the person's card proved when it was enrolled.
 */
export const WaitingHandOver = SealedHandOver.extend({
  requestId: z.string(),
  clientId: z.string(),
  purpose: MyNumberPurposeCode,
  lawVersion: z.string(),
  attributes: Attributes,
  /** SHA-256 of the envelope that was approved. */
  envelopeDigest: sha256,
  approvedAt: z.iso.datetime(),
  /** After this it is gone. */
  expiresAt: z.iso.datetime(),
  evidenceId: z.uuid(),
});
export type WaitingHandOver = z.infer<typeof WaitingHandOver>;
