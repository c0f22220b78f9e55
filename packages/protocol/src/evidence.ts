import { z } from "zod";
import { ItemName } from "./items.ts";
import { BilingualText } from "./messages.ts";

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]*$/);

/** Where a record stands in the evidence log, under a checkpoint (C2SP tlog-checkpoint). */
export const EvidenceLogProof = z.strictObject({
  index: z.number().int().min(0),
  size: z.number().int().min(1),
  /** Hashes from the leaf's neighbour up (RFC 6962 §2.1.1). */
  proof: z.array(base64url(43)).max(64),
  /** The signed note. */
  checkpoint: z.string().max(65_536),
  /** Over the text of the checkpoint's note; null while there is none. */
  timestamp: z
    .strictObject({
      /** RFC 3161 token, DER. */
      token: base64url(350_000),
      /** The authority's revocation list of that time, DER. */
      revocationList: base64url(350_000),
    })
    .nullable(),
});
export type EvidenceLogProof = z.infer<typeof EvidenceLogProof>;

/** Longer lists, in bytes, are files of their own beside the evidence: `GET /log/lists/{sha256}` gives them. */
export const longestListWithin = 1024 * 1024;

/** A revocation list that a record names by digest: DER, or what to look for. */
export const EvidenceRevocationList = z.union([
  base64url(1_400_000),
  z.strictObject({
    /** Hexadecimal. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    size: z.number().int().min(1),
  }),
]);
export type EvidenceRevocationList = z.infer<typeof EvidenceRevocationList>;

/** One record with all that is needed to check it offline. */
export const EvidenceRecordFile = z.strictObject({
  /** Canonical JSON (RFC 8785), exactly the bytes that were committed to. */
  record: base64url(400_000),
  /** 32 bytes: the log holds SHA-256(salt ‖ record). */
  salt: base64url(43),
  /** Null while the record waits for the log. */
  log: EvidenceLogProof.nullable(),
  revocationLists: z.array(EvidenceRevocationList).max(1),
});
export type EvidenceRecordFile = z.infer<typeof EvidenceRecordFile>;

/**
 * What `xid evidence verify` takes: the record of an act, and the record of the enrolment that bound the deciding
 * device's key to a person's card.
 */
export const EvidenceFile = z.strictObject({
  format: z.literal("xid-evidence-v1"),
  act: EvidenceRecordFile,
  /** Null where the act is an enrolment itself. */
  enrolment: EvidenceRecordFile.nullable(),
});
export type EvidenceFile = z.infer<typeof EvidenceFile>;

/**
 * For a party of an act that may not have the record itself: its commitment, and that the log holds it. Whoever shows the
 * record and its salt later can be held to it.
 */
export const EvidenceReceipt = z.strictObject({
  format: z.literal("xid-evidence-receipt-v1"),
  evidenceId: z.uuid(),
  kind: z.enum(["sign_in", "card_signature", "document_signature", "identity_refresh", "my_number"]),
  requestId: z.string(),
  time: z.iso.datetime(),
  /** SHA-256(salt ‖ record). */
  commitment: base64url(43),
  log: EvidenceLogProof.nullable(),
});
export type EvidenceReceipt = z.infer<typeof EvidenceReceipt>;

/** Answer to `GET /wallet/v1/evidence`: what the holder did, newest first. */
export const EvidenceHistory = z.object({
  acts: z.array(
    z.object({
      evidenceId: z.string(),
      kind: z.enum(["enrolment", "sign_in", "card_signature", "document_signature", "identity_refresh", "my_number"]),
      /** Null for an enrolment. */
      client: z.object({ clientId: z.string(), name: BilingualText, domain: z.string() }).nullable(),
      items: z.array(ItemName),
      /** Seconds since 1970. */
      time: z.number().int(),
      /** Whether the log holds it by now. */
      logged: z.boolean(),
    }),
  ),
  /** Give it as `before` for the next page; null on the last. */
  next: z.string().nullable(),
});
export type EvidenceHistory = z.infer<typeof EvidenceHistory>;
