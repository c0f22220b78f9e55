import type { ApiProblemCode } from "../http/problem.ts";
import { deleteContinuousConsent } from "./continuity/delete-continuous-consent.ts";
import { getAttributeChanges } from "./continuity/get-attribute-changes.ts";
import { getIdentity } from "./continuity/get-identity.ts";
import { getIdentityCheck } from "./continuity/get-identity-check.ts";
import { getIdentityCheckResults } from "./continuity/get-identity-check-results.ts";
import { getLatestAttributes } from "./continuity/get-latest-attributes.ts";
import { postIdentityCheck } from "./continuity/post-identity-check.ts";
import { deleteHandOver } from "./delete-hand-over.ts";
import { deleteDocument } from "./documents/delete-document.ts";
import { getDocumentContent } from "./documents/get-content.ts";
import { getDocument } from "./documents/get-document.ts";
import { postDocument } from "./documents/post-document.ts";
import { putSigning } from "./documents/put-signing.ts";
import { evidenceRecordRoutes } from "./evidence-records.ts";
import { getEvidence } from "./get-evidence.ts";
import { getHandOver } from "./get-hand-over.ts";
import { getRequest } from "./get-request.ts";
import type { ApiRoute } from "./route.ts";
import { webhookRoutes } from "./webhooks/webhook-routes.ts";

/**
 * All that relying parties can call under /v1. The OpenAPI document, the reference page and the authorization tests are made
 * of this table.
 */
export const apiRoutes: readonly ApiRoute[] = [
  getRequest,
  getHandOver,
  deleteHandOver,
  getEvidence,
  postDocument,
  putSigning,
  getDocument,
  getDocumentContent,
  deleteDocument,
  getIdentity,
  postIdentityCheck,
  getIdentityCheck,
  getIdentityCheckResults,
  getLatestAttributes,
  deleteContinuousConsent,
  getAttributeChanges,
  ...evidenceRecordRoutes,
  ...webhookRoutes,
];

/** What a route may answer instead of what it is for. */
export function problemsOf({ parameters, query, body, creates, problems = [] }: ApiRoute): readonly ApiProblemCode[] {
  return [
    ...(query || body ? (["REQUEST_INVALID"] as const) : []),
    "TOKEN_INVALID",
    "DPOP_PROOF_INVALID",
    "SCOPE_INSUFFICIENT",
    ...(parameters ? (["NOT_FOUND"] as const) : []),
    ...(body ? (["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const) : []),
    ...(creates ? (["IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_IN_USE"] as const) : []),
    ...problems,
    "RATE_LIMITED",
    ...(body?.form === "bytes" ? (["UNAVAILABLE"] as const) : []),
    "INTERNAL",
  ];
}
