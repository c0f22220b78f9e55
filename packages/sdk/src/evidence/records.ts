import { ItemName, PublicJwk, RequestDisplay } from "@xid/protocol";
import { z } from "zod";

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/** A card's certificate with the authorities above it up to the anchor: DER in base64. */
const CertificateWithIssuers = z.object({ certificate: z.base64(), issuers: z.array(z.base64()).min(1).max(4) });
export type CertificateWithIssuers = z.infer<typeof CertificateWithIssuers>;

/** What the certificate's standing rests on. */
const Status = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ocsp"), checkedAt: z.iso.datetime(), response: z.base64() }),
  z.object({ kind: z.literal("crl"), checkedAt: z.iso.datetime(), listDigest: z.base64() }),
]);
export type Status = z.infer<typeof Status>;

const common = {
  version: z.literal(1),
  policyVersion: z.string(),
  evidenceId: z.uuid(),
  accountId: z.uuid(),
  time: z.iso.datetime(),
  certificate: CertificateWithIssuers,
  certificateStatus: Status,
};

const EnrolmentRecord = z.object({
  ...common,
  kind: z.literal("enrolment"),
  account: z.enum(["created", "existing"]),
  device: z.looseObject({ deviceId: z.uuid() }),
  statement: base64url,
  statementSignature: base64url,
  jlisConsent: base64url,
  jlisConsentSignature: base64url,
  keyPossession: z.string(),
  signingCertificate: base64url,
  signingAuthority: z.array(z.base64()).min(1).max(4),
});
export type EnrolmentRecord = z.infer<typeof EnrolmentRecord>;

const approved = {
  ...common,
  clientId: z.string(),
  requestId: z.string(),
  deviceId: z.uuid(),
  deviceKey: PublicJwk,
  approval: z.string(),
  shown: RequestDisplay,
  consent: z.object({ items: z.array(ItemName), offlineAccess: z.boolean() }),
  attributesVersion: z.int(),
};

const SignInRecord = z.object({
  ...approved,
  kind: z.literal("sign_in"),
  /** Why the certificate had ended, where the service went on all the same; `certificateStatus` says that it had. */
  identityChanged: z.enum(["moved_or_renamed", "renewed", "expired"]).optional(),
  /** With `origin`, where the card itself was wanted: then `certificate` is that of the card which signed. */
  cardSignature: base64url.optional(),
  /** Issuer URL of the platform. */
  origin: z.string().optional(),
});
export type SignInRecord = z.infer<typeof SignInRecord>;

/** `certificate` is that of the card which signed. */
const CardSignatureRecord = z.object({ ...approved, kind: z.literal("card_signature"), cardSignature: base64url });
export type CardSignatureRecord = z.infer<typeof CardSignatureRecord>;

/** `signing` holds what the device's signing key signed of what was shown, and the authorities above its certificate. */
const DocumentSignatureRecord = z.object({
  ...approved,
  kind: z.literal("document_signature"),
  signing: z.object({ signature: base64url, authority: z.array(z.base64()).min(1).max(4) }),
});
export type DocumentSignatureRecord = z.infer<typeof DocumentSignatureRecord>;

/** The account stands on a certificate that the card gave for this request. */
const IdentityRefreshRecord = z.object({ ...approved, kind: z.literal("identity_refresh") });
export type IdentityRefreshRecord = z.infer<typeof IdentityRefreshRecord>;

const MyNumberRecord = z.object({ ...approved, kind: z.literal("my_number") });
export type MyNumberRecord = z.infer<typeof MyNumberRecord>;

/** What the platform commits to, by kind of act. Members that a later version adds are passed over. */
export const EvidenceRecord = z.discriminatedUnion("kind", [
  EnrolmentRecord,
  SignInRecord,
  CardSignatureRecord,
  DocumentSignatureRecord,
  IdentityRefreshRecord,
  MyNumberRecord,
]);
export type EvidenceRecord = z.infer<typeof EvidenceRecord>;

/** The record of an approval. */
export type ActRecord = Exclude<EvidenceRecord, { kind: "enrolment" }>;
