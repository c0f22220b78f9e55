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
  /** 32 bytes: SHA-256(salt ‖ record) is the record's commitment. */
  salt: base64url(43),
  /** Commitment of what the relying party may keep of the same act: the log holds both as one. Null where there is none. */
  counterpart: base64url(43).nullable(),
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

/** What stands behind a digest of a `ClientRecord`: SHA-256 of the canonical JSON of `[salt, name, value]`. */
export const ClientDisclosure = z.strictObject({
  /** 16 bytes: without them a digest tells nothing. */
  salt: base64url(22),
  /** An item's name, or `certificate` or `method`. */
  name: z.string().max(64),
  value: z.unknown(),
});
export type ClientDisclosure = z.infer<typeof ClientDisclosure>;

const sha256 = base64url(43).length(43);

/**
 * What a relying party may keep of an act, as the platform committed to it. Values stand behind digests, so that one can be
 * shown to somebody, or erased, without the others; what the person did not let go is not in it at all.
 */
export const ClientRecord = z.object({
  version: z.literal(1),
  policyVersion: z.string(),
  evidenceId: z.uuid(),
  kind: z.enum(["sign_in", "card_signature", "document_signature", "identity_refresh", "my_number"]),
  clientId: z.string(),
  requestId: z.string(),
  /** When it was asked for, and when the person agreed. */
  requestedAt: z.iso.datetime(),
  time: z.iso.datetime(),
  purpose: BilingualText,
  userVerification: z.enum(["biometric", "app_pin"]),
  /** How the device says that it keeps its key. */
  keyLevel: z.string(),
  /** `card`: the card itself acted. `enrolment`: a device that the card had signed for. Null where the act rests on no certificate of a card. */
  basis: z.enum(["card", "enrolment"]).nullable(),
  /** Why the certificate had ended, where the relying party goes on all the same; null where it was valid and good. */
  identityChanged: z.string().max(32).nullable(),
  /** When the card's certificate was last asked about, and what answered. */
  certificateCheckedAt: z.iso.datetime().nullable(),
  certificateCheckedBy: z.enum(["ocsp", "crl"]).nullable(),
  /** The device gave the items to the relying party sealed, so that the platform has nothing of them to commit to. */
  endToEnd: z.boolean(),
  items: z.array(z.object({ name: ItemName, digest: sha256 })),
  /** Of `ClientCertificate`, which only some may have. */
  certificate: sha256.nullable(),
  /** Of `AmlMethod`; null where the certificate had ended. */
  method: sha256.nullable(),
});
export type ClientRecord = z.infer<typeof ClientRecord>;

/** The card's certificate with the authorities above it, and the answer about it: DER in base64. */
export const ClientCertificate = z.object({
  certificate: z.base64(),
  issuers: z.array(z.base64()).min(1).max(4),
  status: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("ocsp"), checkedAt: z.iso.datetime(), response: z.base64() }),
    z.object({ kind: z.literal("crl"), checkedAt: z.iso.datetime(), listDigest: z.base64() }),
  ]),
});
export type ClientCertificate = z.infer<typeof ClientCertificate>;

/**
 * A way of verifying a customer under the AML law (犯罪収益移転防止法施行規則6条1項1号). Letters change with the law: only law, version and
 * letter together mean something, and `name` stays.
 */
export const AmlMethod = z.object({
  name: z.literal("jpki_signature_certificate"),
  law: z.string(),
  /** Since when that text of it has been in force. */
  lawVersion: z.iso.date(),
  /** Null where it is not known under that text. */
  letter: z.string().nullable(),
});
export type AmlMethod = z.infer<typeof AmlMethod>;

/** What a relying party gets of an act done for it: to be kept, and checked by itself (`verifyClientEvidence`). */
export const ClientEvidence = z.strictObject({
  format: z.literal("xid-client-evidence-v1"),
  /** Canonical JSON of `ClientRecord`, exactly the bytes that were committed to. */
  record: base64url(20_000),
  salt: base64url(43),
  /** Commitment of the whole record of the act, which the platform and the person keep. */
  counterpart: base64url(43),
  disclosures: z.array(ClientDisclosure).max(32),
  log: EvidenceLogProof.nullable(),
  revocationLists: z.array(EvidenceRevocationList).max(1),
});
export type ClientEvidence = z.infer<typeof ClientEvidence>;

/** One line of the record keeping under the AML law (施行規則20条1項), as far as a platform for identity knows it. */
export const AmlRecord = z.object({
  /** Reference number: `GET /v1/evidence/{evidenceId}` proves the line. */
  evidenceId: z.uuid(),
  subject: z.string(),
  requestId: z.string(),
  kind: ClientRecord.shape.kind,
  requestedAt: z.iso.datetime(),
  /** When the person agreed. */
  time: z.iso.datetime(),
  purpose: BilingualText,
  /** Null for who may not have it, and where the certificate had ended. */
  method: AmlMethod.nullable(),
  basis: ClientRecord.shape.basis,
  /** Of the card; null for who may not have it. */
  certificate: z.object({ issuer: z.string(), serial: z.string(), notAfter: z.iso.datetime() }).nullable(),
  certificateCheckedAt: z.iso.datetime().nullable(),
  certificateCheckedBy: z.enum(["ocsp", "crl"]).nullable(),
  identityChanged: z.string().nullable(),
  /** What was let go. */
  items: z.partialRecord(ItemName, z.unknown()),
  userVerification: ClientRecord.shape.userVerification,
  keyLevel: z.string(),
  /** Number of the log's entry; null while it waits. */
  logIndex: z.int().nullable(),
  relationshipEndedAt: z.iso.datetime().nullable(),
  /** From when on it is erased; null while the relationship lasts. */
  keptUntil: z.iso.datetime().nullable(),
  legalHold: z.boolean(),
});
export type AmlRecord = z.infer<typeof AmlRecord>;

/** Answer to `GET /v1/evidence-records`. */
export const AmlRecords = z.object({
  records: z.array(AmlRecord),
  /** Give it as `after` for what comes next; null at the end. */
  next: z.string().nullable(),
});
export type AmlRecords = z.infer<typeof AmlRecords>;

/** Body of `PUT /v1/relationships/{sub}`: how long the evidence of a person is kept. */
export const RelationshipChange = z.strictObject({
  /** When the relationship ended; null while it lasts. */
  endedAt: z.iso.datetime().nullable(),
  /** Why nothing may be erased, such as an order of a court; null where nothing stands against it. */
  legalHold: z.string().min(1).max(200).nullable(),
});

/** Answer to `GET` and `PUT /v1/relationships/{sub}`. */
export const Relationship = z.object({
  subject: z.string(),
  endedAt: z.iso.datetime().nullable(),
  legalHold: z.string().nullable(),
  /** Seven years from the end: then what the relying party has of evidence here is erased, unless there is a hold. */
  keptUntil: z.iso.datetime().nullable(),
  erasedAt: z.iso.datetime().nullable(),
});
export type Relationship = z.infer<typeof Relationship>;

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
  /** Verifier key of the log (C2SP signed-note): a device remembers the first that it was told. */
  logKey: z.string(),
});
export type EvidenceHistory = z.infer<typeof EvidenceHistory>;
