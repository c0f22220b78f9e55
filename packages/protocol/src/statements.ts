import { z } from "zod";
import { ItemName, itemNames } from "./items.ts";

const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);

export const PublicJwk = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: base64url.length(43),
  y: base64url.length(43),
});

/** The four attributes of a resident (基本4情報), by their names in OpenID scopes. What can be asked of them: `itemNames`. */
export const attributeNames = ["name", "birthdate", "gender", "address"] as const;
export const AttributeName = z.enum(attributeNames);
export type AttributeName = z.infer<typeof AttributeName>;

/**
 * What the card's signature key signs at enrolment, in canonical JSON: it binds the person to three keys of one device,
 * for one platform, once.
 */
export const EnrolmentStatement = z.strictObject({
  typ: z.literal("xid-enrolment-v1"),
  /** Issuer URL of the platform. */
  origin: z.string().max(512),
  challenge: base64url.length(43),
  keys: z.strictObject({ authentication: PublicJwk, signing: PublicJwk, agreement: PublicJwk }),
  /** Seconds since 1970, by the device's clock. */
  time: z.number().int(),
});
export type EnrolmentStatement = z.infer<typeof EnrolmentStatement>;

/** One service of one provider: what a consent for J-LIS is given for. */
export const ConsentService = z.strictObject({
  provider: z.string().min(1).max(120),
  name: z.string().min(1).max(120),
});

/**
 * What the card's signature key signs so that J-LIS may tell the platform about later changes. J-LIS takes these very bytes,
 * in canonical JSON, from the verifier that they name and from no other.
 */
export const JlisConsentStatement = z.strictObject({
  typ: z.literal("xid-jlis-consent-v1"),
  origin: z.string().max(512),
  /** The platform's id as a verifier at J-LIS. */
  verifier: base64url.length(43),
  service: ConsentService,
  challenge: base64url.length(43),
  /** Version of the text that was shown. */
  textVersion: z.string().max(32),
  items: z.array(AttributeName).min(1).max(4),
  time: z.number().int(),
});
export type JlisConsentStatement = z.infer<typeof JlisConsentStatement>;

/** What the card's signature key signs to end the consent at J-LIS, in canonical JSON. */
export const JlisWithdrawalStatement = z.strictObject({
  typ: z.literal("xid-jlis-withdrawal-v1"),
  consentId: base64url.length(43),
  time: z.number().int(),
});
export type JlisWithdrawalStatement = z.infer<typeof JlisWithdrawalStatement>;

/** `typ` of the JOSE header of an approval. */
export const approvalType = "xid-approval+jwt";

const approved = {
  requestId: z.string().max(128),
  clientId: z.string().max(256),
  /** `contentDigest` of the `RequestDisplay` that was on the screen. */
  displayDigest: base64url.length(43),
  /** What the person lets go: a subset of the items asked for, holding every required one. */
  items: z.array(ItemName).max(itemNames.length),
  /** Whether they also let the relying party be told when these change; only where that was asked for. */
  latestAttributes: z.literal(true).optional(),
  /** `envelopeDigest` of the presentation that goes along, where the items go end to end. */
  presentationDigest: base64url.length(43).optional(),
  /** How the device made sure of its holder. */
  userVerification: z.enum(["biometric", "app_pin"]),
  time: z.number().int(),
};

/** What the device's authentication key signs when a person approves a request: exactly what they were shown. */
export const ApprovalStatement = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sign_in"),
    ...approved,
    /** SHA-256 of the card's signature, which goes along, where the card itself was wanted. */
    signatureDigest: base64url.length(43).optional(),
  }),
  z.strictObject({
    kind: z.literal("card_signature"),
    ...approved,
    /** SHA-256 of the card's signature, which goes along. */
    signatureDigest: base64url.length(43),
  }),
  z.strictObject({ kind: z.literal("identity_refresh"), ...approved }),
  z.strictObject({
    kind: z.literal("my_number"),
    ...approved,
    /** SHA-256 of the envelope, which goes along. */
    envelopeDigest: base64url.length(43),
    /** RFC 7638 thumbprint of the key that signed inside it: made for this one envelope. */
    holderKey: base64url.length(43),
  }),
  z.strictObject({
    kind: z.literal("document_signature"),
    ...approved,
    /** Of the document as it was shown, before this signature (`ShownSigning`); by the algorithm that it was named with. */
    documentDigest: base64url.min(43).max(86),
    /** SHA-256 of the octets that the device's signing key signed. */
    toBeSignedDigest: base64url.length(43),
  }),
]);
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

/** `typ` of the JOSE header of a proof of possession of the signing key. */
export const keyPossessionType = "xid-key-possession+jwt";

/** Signed by the device's signing key before a certificate is issued for it. */
export const KeyPossessionStatement = z.strictObject({ challenge: base64url.length(43) });
