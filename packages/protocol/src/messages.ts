import { z } from "zod";
import { AuthenticationLevel } from "./authentication-level.ts";
import { ShownDocument } from "./card-signature.ts";
import { ShownSigning } from "./document-signature.ts";
import { Recipient } from "./envelope.ts";
import { CharacterFlags, ItemName, itemValues } from "./items.ts";
import { HandOverNonce, MyNumberPurposeCode, SealedHandOver } from "./my-number.ts";
import { SignatureLayout } from "./signature-layout.ts";
import { AttributeName, ConsentService, PublicJwk } from "./statements.ts";

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);

/** The same in both languages. */
export const BilingualText = z.object({ ja: z.string(), en: z.string() });
export type BilingualText = z.infer<typeof BilingualText>;

/** The four attributes as the certificate holds them. */
export const Attributes = z.object({
  name: z.string(),
  /** `YYYY-MM-DD`, or with `00` for a part that the register does not know. */
  birthdate: z.string(),
  gender: z.enum(["male", "female", "unknown"]),
  address: z.string(),
});
export type Attributes = z.infer<typeof Attributes>;

/** How well the private keys are kept, as far as the platform may believe it. */
export const KeyLevel = z.enum(["secure-enclave", "strongbox", "tee", "webauthn", "software"]);

/** Answer to `POST /wallet/v1/enrolments`. */
export const EnrolmentStart = z.object({
  enrolmentId: z.string(),
  /** Issuer URL: goes into the signed statements as `origin`. */
  origin: z.string(),
  challenge: z.string(),
  /** Seconds since 1970. */
  expiresAt: z.number().int(),
  jlisConsent: z.object({
    verifier: z.string(),
    service: ConsentService,
    textVersion: z.string(),
    text: BilingualText,
    items: z.array(AttributeName),
  }),
});
export type EnrolmentStart = z.infer<typeof EnrolmentStart>;

/** Body of `POST /wallet/v1/enrolments/{id}/complete`. */
export const EnrolmentCompletion = z.strictObject({
  /** Canonical JSON of `EnrolmentStatement`, and the card's RSASSA-PKCS1-v1_5 SHA-256 signature over it. */
  statement: base64url(4096),
  statementSignature: base64url(700),
  jlisConsent: base64url(4096),
  jlisConsentSignature: base64url(700),
  /** The card's signature certificate, DER. */
  certificate: base64url(8192),
  /** JWS of `KeyPossessionStatement` by the signing key. */
  keyPossession: z.string().max(1024),
  device: z.strictObject({
    name: z.string().min(1).max(64),
    platform: z.enum(["ios", "android", "web", "headless"]),
    keyLevel: KeyLevel,
  }),
  /** What happens to the devices the account already has. Absent: the platform asks if there are any. */
  otherDevices: z.enum(["replace", "keep"]).optional(),
});
export type EnrolmentCompletion = z.infer<typeof EnrolmentCompletion>;

/** Answer to a completion. A repeat of the same completion gets the same answer. */
export const EnrolmentResult = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("completed"),
    /** `<account>.<device>`: the `kid` of later proofs. */
    deviceId: z.string(),
    account: z.enum(["created", "existing"]),
    attributes: Attributes,
    /** xID signing certificate for the device's signing key, DER base64url. */
    signingCertificate: z.string(),
    replacedDevices: z.number().int(),
  }),
  z.object({
    state: z.literal("choose_other_devices"),
    otherDevices: z.array(z.object({ name: z.string(), enrolledAt: z.number().int() })),
  }),
]);
export type EnrolmentResult = z.infer<typeof EnrolmentResult>;

/** Answer to `GET /wallet/v1/me`. */
export const Me = z.object({
  attributes: Attributes,
  /** Whether J-LIS is asked about the holder; `consentId` is J-LIS's name for the consent, for its withdrawal. */
  jlisConsent: z.object({
    state: z.enum(["waiting", "valid", "withdrawn", "ended"]),
    consentId: z.string().nullable(),
  }),
  certificate: z.object({
    status: z.enum(["good", "revoked", "expired"]),
    expiresAt: z.number().int(),
  }),
  devices: z.array(
    z.object({ deviceId: z.string(), name: z.string(), enrolledAt: z.number().int(), current: z.boolean() }),
  ),
});
export type Me = z.infer<typeof Me>;

/** Body of `POST /wallet/v1/jlis-consent/withdrawal`: `JlisWithdrawalStatement` as the card signed it, for J-LIS. */
export const JlisWithdrawal = z.strictObject({
  signed: z
    .strictObject({ document: base64url(1024), signature: base64url(700), certificate: base64url(8192) })
    .optional(),
});
export type JlisWithdrawal = z.infer<typeof JlisWithdrawal>;

/** Answer to it: whether J-LIS has ended the consent, too. */
export const JlisWithdrawn = z.object({ endedAtJlis: z.boolean() });
export type JlisWithdrawn = z.infer<typeof JlisWithdrawn>;

/** Body of `POST /wallet/v1/requests/{id}/open`. A request that was sent to the person needs no code. */
export const RequestOpening = z.strictObject({
  /** `link`: on the device where it began. `qr`: begun elsewhere, so the code on that screen is needed. */
  via: z.enum(["link", "qr"]),
  code: base64url(64).optional(),
});
export type RequestOpening = z.infer<typeof RequestOpening>;

/** Why a value stays with the person although they let the item go. */
export const Withheld = z.enum([
  /** The certificate does not say it, or not without guessing. */
  "unknown",
  /** The relying party wants another value only, and learns that it is not that one. */
  "other_value_wanted",
]);

/** One item that is asked for, with exactly what would leave; null with the reason where nothing would. */
function shownItem<Name extends ItemName, More extends z.ZodRawShape>(name: Name, more: More) {
  return z.object({
    name: z.literal(name),
    required: z.boolean(),
    /** What the relying party says that it is for; null where it says so of the whole request only. */
    purpose: BilingualText.nullable(),
    value: itemValues[name].nullable() as z.ZodNullable<(typeof itemValues)[Name]>,
    withheld: Withheld.nullable(),
    ...more,
  });
}

export const ShownItem = z.discriminatedUnion("name", [
  shownItem("name", { characters: CharacterFlags }),
  shownItem("family_name", {}),
  shownItem("given_name", {}),
  shownItem("birthdate", {}),
  shownItem("age_over_18", {}),
  shownItem("age_over_20", {}),
  shownItem("gender", {}),
  shownItem("address", { characters: CharacterFlags }),
  shownItem("municipality", {}),
]);
export type ShownItem = z.infer<typeof ShownItem>;

const displayed = {
  requestId: z.string(),
  client: z.object({
    clientId: z.string(),
    name: BilingualText,
    /** Host of the redirect URI: what the person can compare with the address bar. */
    domain: z.string(),
  }),
  purpose: BilingualText,
  items: z.array(ShownItem),
  /** Items that this person already lets this client have. */
  alreadyGranted: z.array(ItemName),
  /** Whether access goes on when the person is away (`offline_access`). */
  offlineAccess: z.boolean(),
  /** The sign-in goes on although something has changed since the card was read. Absent where nothing has. */
  changed: z.literal(true).optional(),
  /** 継続的な提供: to be told of later changes, which is asked for apart from everything else. Absent where it is not. */
  latestAttributes: z
    .object({
      /** How long the consent would last, in seconds since 1970. */
      until: z.number().int(),
      /** Whether one is in force: it stays so unless the person ends it. */
      granted: z.boolean(),
    })
    .optional(),
  /** What the service wants beyond what every approval is; absent where nothing. */
  level: AuthenticationLevel.optional(),
  /** `push`: the service has sent it to this person; it began with no screen of theirs. */
  /**
   * Present where the items go to the relying party end to end: encrypted to its own key, and bound to this value of its own.
   * The platform sees ciphertext.
   */
  delivery: z.object({ recipient: Recipient, nonce: z.string().max(512) }).optional(),
  via: z.enum(["link", "qr", "push"]),
  /** Two digits that stand on the other screen too; null where there is none, or it is the same device. */
  checkNumber: z.string().nullable(),
  /** What the service says about a request that it has sent: one line. */
  message: z.string().optional(),
  /** Seconds since 1970. */
  expiresAt: z.number().int(),
};

/** Everything the person is shown before they decide, by kind. Its `contentDigest` goes into the approval. */
export const RequestDisplay = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sign_in"), ...displayed }),
  z.object({
    kind: z.literal("card_signature"),
    ...displayed,
    signature: z.object({ display: SignatureLayout, document: ShownDocument }),
  }),
  z.object({ kind: z.literal("document_signature"), ...displayed, signing: ShownSigning }),
  z.object({
    kind: z.literal("identity_refresh"),
    ...displayed,
    refresh: z.object({
      /** Since when the card is wanted, in milliseconds since 1970 by the clock that certificates go by. */
      since: z.number().int(),
      /** Whether it has been read since: before, the request cannot be approved. */
      cardRead: z.boolean(),
    }),
  }),
  z.object({
    kind: z.literal("my_number"),
    ...displayed,
    /** What the My Number is for, by which state of the law, who alone can read it, and what else the card's record tells. */
    handOver: z.object({
      purpose: MyNumberPurposeCode,
      lawVersion: z.string(),
      nonce: HandOverNonce,
      recipient: Recipient,
      attributes: Attributes,
    }),
  }),
]);
export type RequestDisplay = z.infer<typeof RequestDisplay>;

export type RequestKind = RequestDisplay["kind"];
export const RequestKind = z.enum(
  RequestDisplay.options.map(({ shape }) => shape.kind.value) as [RequestKind, ...RequestKind[]],
);

/** Answer to `GET /wallet/v1/requests`: what services have sent to this person and nobody has answered yet, newest first. */
export const WaitingRequests = z.object({
  requests: z.array(
    z.object({
      requestId: z.string(),
      kind: RequestKind,
      client: z.object({ clientId: z.string(), name: BilingualText, domain: z.string() }),
      /** Seconds since 1970. */
      createdAt: z.number().int(),
      expiresAt: z.number().int(),
    }),
  ),
});
export type WaitingRequests = z.infer<typeof WaitingRequests>;

/** What a card gave: its RSASSA-PKCS1-v1_5 SHA-256 signature, and its signature certificate in DER. */
export const CardSignature = z.strictObject({ signature: base64url(700), certificate: base64url(8192) });
export type CardSignature = z.infer<typeof CardSignature>;

/** By the device's signing key over `toBeSigned` of what was shown: r ‖ s. */
export const DeviceSignature = z.strictObject({ signature: base64url(86).length(86) });
export type DeviceSignature = z.infer<typeof DeviceSignature>;
/** Body of `POST /wallet/v1/requests/{id}/credential`: the key that the presentation will be signed with, made for it alone. */
export const CredentialRequest = z.strictObject({ key: PublicJwk });
export type CredentialRequest = z.infer<typeof CredentialRequest>;

/** The answer: an SD-JWT VC of the items that are asked for, each its own disclosure. */
export const IssuedCredential = z.object({ credential: z.string().max(32_768) });
export type IssuedCredential = z.infer<typeof IssuedCredential>;

/** Body of `POST /wallet/v1/requests/{id}/approve`: JWS of `ApprovalStatement` by the authentication key. */
export const RequestApproval = z.strictObject({
  approval: z.string().max(4096),
  /** For a `card_signature`, and for a `sign_in` that wants the card itself (`digestForCard`). */
  card: CardSignature.optional(),
  /** For a `document_signature`, and only then. */
  document: DeviceSignature.optional(),
  /** For a `my_number`, and only then. */
  handOver: SealedHandOver.optional(),
  /** Where the items go end to end: a JWE around an SD-JWT presentation. */
  presentation: z
    .string()
    .max(49_152)
    .regex(/^[A-Za-z0-9_.-]+$/)
    .optional(),
});
export type RequestApproval = z.infer<typeof RequestApproval>;

/** Answer to approve and decline. */
export const RequestDecision = z.object({
  state: z.enum(["approved", "declined"]),
  /** Where the same device's browser goes on; null if it began on another device. */
  returnTo: z.string().nullable(),
});
export type RequestDecision = z.infer<typeof RequestDecision>;

/** Answer to `GET /wallet/v1/services`. */
export const LinkedServices = z.object({
  services: z.array(
    z.object({
      clientId: z.string(),
      name: BilingualText,
      domain: z.string(),
      items: z.array(ItemName),
      linkedAt: z.number().int(),
      lastUsedAt: z.number().int(),
      /** 継続的な提供: what the service is told of when it changes, and its newest readings. Null without such a consent. */
      latestAttributes: z
        .object({
          items: z.array(ItemName),
          purpose: BilingualText,
          until: z.number().int(),
          reads: z.array(z.object({ purpose: z.string(), items: z.array(ItemName), at: z.number().int() })),
        })
        .nullable(),
      /** How many sign-ins there may not have ended; known of services that ask to be told. */
      sessions: z.number().int(),
      /** Whether the person takes no requests of this service that they have not begun themselves. */
      requestsBlocked: z.boolean(),
    }),
  ),
});
export type LinkedServices = z.infer<typeof LinkedServices>;

/** Answer to `DELETE /wallet/v1/services/{clientId}/sessions` and `DELETE /wallet/v1/sessions`: how many sign-ins ended. */
export const EndedSessions = z.object({ ended: z.number().int().nonnegative() });
export type EndedSessions = z.infer<typeof EndedSessions>;

/** Body of `PUT /wallet/v1/services/{clientId}`. */
export const ServiceSettings = z.strictObject({ requestsBlocked: z.boolean() });
export type ServiceSettings = z.infer<typeof ServiceSettings>;
