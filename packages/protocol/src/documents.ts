import { z } from "zod";
import { SignatureLevel } from "./document-signature.ts";
import { shownLine } from "./shown-line.ts";

const sha256 = z.base64url().length(43);

/** In a page's units: 1/72 inch unless the file says otherwise. */
const coordinate = z.number().min(-14_400).max(14_400);

/** Where a signature is seen, and the reason that is written there. */
export const Seal = z
  .strictObject({
    /** From 1. */
    page: z.int().min(1).max(100_000),
    /** Left, bottom, right and top, from the lower left of the page. */
    rectangle: z.tuple([coordinate, coordinate, coordinate, coordinate]),
    reason: shownLine(60).optional(),
  })
  .refine(
    ({ rectangle: [left, bottom, right, top] }) => right - left >= 72 && top - bottom >= 24,
    "a seal is at least 72 by 24",
  );
export type Seal = z.infer<typeof Seal>;

/** Body of `PUT /v1/documents/{id}/signing`: who signs, how well and in which order. */
export const SigningPlan = z.strictObject({
  level: SignatureLevel.default("B-T"),
  /** `serial`: each after the one before. `any`: as they come, one after the other all the same. */
  order: z.enum(["serial", "any"]).default("serial"),
  signers: z
    .array(
      z.strictObject({
        /** The one person who may; without, whoever opens the request. */
        sub: z.string().min(1).max(255).optional(),
        /** Invisible without. */
        seal: Seal.optional(),
      }),
    )
    .min(1)
    .max(20)
    .default([{}]),
});
export type SigningPlan = z.infer<typeof SigningPlan>;

/** In the vocabulary of ETSI EN 319 102-1. */
const signatureReport = z.object({
  fieldName: z.string(),
  kind: z.enum(["signature", "timestamp"]),
  indication: z.enum(["TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"]),
  subIndication: z.string().nullable(),
  /** It existed at this time at the latest. */
  existedAt: z.iso.datetime().nullable(),
  /** Of its own time stamp. */
  timestampedAt: z.iso.datetime().nullable(),
  /** Whether nothing was added to the file later. */
  coversWholeFile: z.boolean(),
  /** What was added later, all of it harmless where the indication is TOTAL_PASSED. */
  laterChanges: z.array(z.string()),
  revocation: z.array(z.object({ source: z.enum(["ocsp", "crl"]), thisUpdate: z.iso.datetime() })),
});

/** What the platform's validator found in a file before it gave it out, oldest signature first. */
export const ValidationReport = z.object({ validatedAt: z.iso.datetime(), signatures: z.array(signatureReport) });
export type ValidationReport = z.infer<typeof ValidationReport>;

/** Answer to `GET /v1/documents/{id}`. */
export const DocumentState = z.object({
  documentId: z.uuid(),
  /** `signed` once everybody has. */
  state: z.enum(["waiting", "signed"]),
  name: z.string(),
  pages: z.int(),
  /** Octets, and their SHA-256. */
  size: z.int(),
  digest: sha256,
  /** As it was handed in: what the file still begins with. */
  original: z.object({ size: z.int(), digest: sha256 }),
  level: SignatureLevel,
  order: z.enum(["serial", "any"]),
  signers: z.array(
    z.object({
      position: z.int(),
      sub: z.string().nullable(),
      seal: Seal.nullable(),
      signedAt: z.iso.datetime().nullable(),
      requestId: z.string().nullable(),
      evidenceId: z.uuid().nullable(),
    }),
  ),
  /** Null while nobody has signed. */
  report: ValidationReport.nullable(),
  createdAt: z.iso.datetime(),
  /** When it is deleted. */
  expiresAt: z.iso.datetime(),
});
export type DocumentState = z.infer<typeof DocumentState>;
