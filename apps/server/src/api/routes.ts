import type { ApiProblemCode } from "../http/problem.ts";
import { getEvidence } from "./get-evidence.ts";
import { getRequest } from "./get-request.ts";
import type { ApiRoute } from "./route.ts";

/**
 * All that relying parties can call under /v1. The OpenAPI document, the reference page and the authorization tests are made
 * of this table.
 */
export const apiRoutes: readonly ApiRoute[] = [getRequest, getEvidence];

/** What any of them may answer instead. */
export const apiProblems = [
  "TOKEN_INVALID",
  "DPOP_PROOF_INVALID",
  "SCOPE_INSUFFICIENT",
  "NOT_FOUND",
  "RATE_LIMITED",
  "INTERNAL",
] as const satisfies readonly ApiProblemCode[];
