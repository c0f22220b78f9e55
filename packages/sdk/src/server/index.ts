export { type CardAuthority, parseCardAuthorities } from "@xid/card";
export {
  type DocumentState,
  itemNames,
  type MyNumberPurpose,
  myNumberPurposes,
  type Seal,
  type SignatureLayout,
  type SignatureLevel,
  type WebhookDelivery,
  type WebhookEndpoint,
  type XidEvent,
} from "@xid/protocol";
export type { Approval, PendingApproval } from "./approval.ts";
export { type Assurance, acrs } from "./assurance.ts";
export type { CardSignature, SignatureOrder } from "./card-signature.ts";
export type { Registration } from "./client.ts";
export type { ClientStore } from "./client-store.ts";
export type { AttributeChange, CheckedIdentities, IdentityStatus, LatestAttributes } from "./continuity.ts";
export type { DataToSign, DocumentOrder, DocumentSignature, DocumentToSign } from "./document-signature.ts";
export { fileStore } from "./file-store.ts";
export type { Claims, ItemName, ItemRequest } from "./items.ts";
export type { LoggedOut } from "./logout-token.ts";
export type { MyNumberOrder } from "./my-number.ts";
export { type OpenedMyNumber, type OpeningKeys, openMyNumber, type ReceivedHandOver } from "./open-my-number.ts";
export {
  fetchIssuerKeys,
  type OpenedPresentation,
  openPresentation,
  type PresentationCheck,
} from "./open-presentation.ts";
export type { VerifiedClaims, VerifiedClaimsOrder } from "./verified-claims.ts";
export type { SecurityEvent } from "./verify-security-event.ts";
export { type SignedPdfSignature, type SignedPdfTrust, verifySignedPdf } from "./verify-signed-pdf.ts";
export { verifyWebhook, type WebhookHeaders } from "./verify-webhook.ts";
export type { NewWebhookEndpoint, Webhooks } from "./webhooks.ts";
export {
  createXid,
  type Started,
  type StartOptions,
  type Tokens,
  type Verified,
  type Xid,
  type XidOptions,
} from "./xid.ts";
export { XidError, type XidErrorCode } from "./xid-error.ts";
