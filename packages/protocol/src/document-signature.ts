import { z } from "zod";
import { shownLine } from "./shown-line.ts";
import { SignatureLayout } from "./signature-layout.ts";

/** `type` of the member of `authorization_details` (RFC 9396) that asks for a signature by the device's signing key. */
export const documentSignatureType = "urn:xid:document-signature";

/** Octets of a PDF file that can be signed. */
export const maxSignedFileSize = 50 * 1024 * 1024;

/** PAdES (ETSI EN 319 142-1); of CMS (CAdES, EN 319 122-1) the first two. */
export const SignatureLevel = z.enum(["B-B", "B-T", "B-LT", "B-LTA"]);
export type SignatureLevel = z.infer<typeof SignatureLevel>;

/** Characters of base64url. */
const digestLengths = { "sha-256": 43, "sha-384": 64, "sha-512": 86 } as const;

/** A digest of data that stays with the relying party. */
const NamedDigest = z
  .strictObject({
    algorithm: z.enum(["sha-256", "sha-384", "sha-512"]),
    digest: z.string().regex(/^[A-Za-z0-9_-]+$/),
    name: shownLine(120),
    size: z.int().min(1),
  })
  .refine(({ algorithm, digest }) => digest.length === digestLengths[algorithm], "the digest is not of its algorithm");

/** The member of `authorization_details`: a PDF that was uploaded, data of which there is the digest, or the layout alone. */
export const DocumentSignatureDetail = z.union([
  z.strictObject({
    type: z.literal(documentSignatureType),
    format: z.literal("pdf"),
    document: z.strictObject({
      id: z.uuid(),
      /** Which of the document's signers, from 1; without, the next one whose place is free. */
      signer: z.int().min(1).max(20).optional(),
    }),
    display: SignatureLayout,
  }),
  z.strictObject({
    type: z.literal(documentSignatureType),
    /** Over the data itself, which must be named by SHA-256; without data over what is shown (`signedContent`). */
    format: z.literal("cms"),
    level: z.enum(["B-B", "B-T"]).default("B-T"),
    document: NamedDigest.optional(),
    display: SignatureLayout,
  }),
  z.strictObject({
    type: z.literal(documentSignatureType),
    /** Over what is shown, the digest of the data in it (`signedContent`). */
    format: z.literal("jws"),
    /** Whether the payload stays out of the JWS (RFC 7515 appendix F). */
    detached: z.boolean().default(false),
    document: NamedDigest.optional(),
    display: SignatureLayout,
  }),
]);
export type DocumentSignatureDetail = z.infer<typeof DocumentSignatureDetail>;

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

const NamedData = z.object({
  form: z.literal("data"),
  name: z.string(),
  size: z.int(),
  algorithm: z.enum(["sha-256", "sha-384", "sha-512"]),
  digest: base64url,
});

const LayoutAlone = z.object({ form: z.literal("none") });

/** What is shown of a document that is to be signed. */
export const SigningDocument = z.discriminatedUnion("form", [
  z.object({
    form: z.literal("pdf"),
    documentId: z.uuid(),
    name: z.string(),
    /** Octets of the file as it is before this signature, and their SHA-256: the file that is fetched begins with them. */
    size: z.int(),
    digest: base64url.length(43),
    pages: z.int(),
    /** From 1. */
    signer: z.object({ position: z.int(), of: z.int() }),
    /** How many have signed before. */
    signedBefore: z.int(),
    /** Where the signature will be seen: page from 1, and a rectangle in the page's units; null for one that is not seen. */
    seal: z
      .object({
        page: z.int(),
        rectangle: z.tuple([z.number(), z.number(), z.number(), z.number()]),
        reason: z.string().nullable(),
      })
      .nullable(),
  }),
  NamedData,
  LayoutAlone,
]);
export type SigningDocument = z.infer<typeof SigningDocument>;

/** All that is shown of a signature by the device, and what its key is to sign. `checkSigning` tells whether they belong together. */
export const ShownSigning = z.object({
  format: z.enum(["pdf", "cms", "jws"]),
  level: SignatureLevel,
  layout: SignatureLayout,
  document: SigningDocument,
  /** What the signature says the time is, in seconds since 1970. */
  signedAt: z.int(),
  /** The xID signing certificate of the device, DER. */
  certificate: base64url.max(8192),
  /** Signed attributes of CMS (RFC 5652 section 5.4) in DER, or the signing input of a JWS (RFC 7515 section 5.1). */
  toBeSigned: base64url.max(65_536),
});
export type ShownSigning = z.infer<typeof ShownSigning>;

/** What the relying party is told that a signature is of. */
export const SignedDocument = z.discriminatedUnion("form", [
  z.object({ form: z.literal("pdf"), documentId: z.uuid(), signer: z.int() }),
  NamedData,
  LayoutAlone,
]);
