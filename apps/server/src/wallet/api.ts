import { Hono } from "hono";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { toApiProblem } from "../http/problem.ts";
import { limitHeaders, RateLimiter } from "../http/rate-limit.ts";
import { readBody } from "../http/read-body.ts";
import type { Platform } from "../platform.ts";
import { deleteLatestAttributes } from "./delete-latest-attributes.ts";
import { deleteService } from "./delete-service.ts";
import { deleteServiceSessions, deleteSessions } from "./delete-sessions.ts";
import { DeviceProofVerifier } from "./device-proof.ts";
import type { Call, Endpoint, Environment } from "./endpoint.ts";
import { getEvidence } from "./get-evidence.ts";
import { getEvidenceHistory } from "./get-evidence-history.ts";
import { getMe } from "./get-me.ts";
import { getRequestDocument } from "./get-request-document.ts";
import { getRequests } from "./get-requests.ts";
import { getServices } from "./get-services.ts";
import { postEnrolment } from "./post-enrolment.ts";
import { postEnrolmentCompletion } from "./post-enrolment-completion.ts";
import { postJlisWithdrawal } from "./post-jlis-withdrawal.ts";
import { postRequestApproval } from "./post-request-approval.ts";
import { postRequestCredential } from "./post-request-credential.ts";
import { postRequestDecline } from "./post-request-decline.ts";
import { postRequestOpening } from "./post-request-opening.ts";
import { problemOf } from "./problem-of.ts";
import { putService } from "./put-service.ts";

/** Larger than any message of this protocol. */
const maxBodySize = 64 * 1024;

/** Calls of one address: a person enrols once and signs in a few times a day. */
const enrolmentLimit = { burst: 20, perSecond: 0.2 };
const callLimit = { burst: 120, perSecond: 4 };

/** Each is served under /wallet/v1. Only who enrols needs no enrolled device. */
const routes: [method: "GET" | "POST" | "PUT" | "DELETE", path: string, endpoint: Endpoint, limit?: "enrolments"][] = [
  ["POST", "/enrolments", postEnrolment, "enrolments"],
  ["POST", "/enrolments/:id/complete", postEnrolmentCompletion, "enrolments"],
  ["GET", "/me", getMe],
  ["GET", "/requests", getRequests],
  ["POST", "/requests/:id/open", postRequestOpening],
  ["GET", "/requests/:id/document", getRequestDocument],
  ["POST", "/requests/:id/credential", postRequestCredential],
  ["POST", "/requests/:id/approve", postRequestApproval],
  ["POST", "/requests/:id/decline", postRequestDecline],
  ["GET", "/evidence", getEvidenceHistory],
  ["GET", "/evidence/:id", getEvidence],
  ["POST", "/jlis-consent/withdrawal", postJlisWithdrawal],
  ["GET", "/services", getServices],
  ["PUT", "/services/:clientId", putService],
  ["DELETE", "/services/:clientId", deleteService],
  ["DELETE", "/services/:clientId/sessions", deleteServiceSessions],
  ["DELETE", "/sessions", deleteSessions],
  ["DELETE", "/services/:clientId/latest-attributes", deleteLatestAttributes],
];

/**
 * What the xID app calls. Every call is signed by the device (device-proof.ts). Messages:
 * packages/protocol/src/messages.ts.
 */
export function walletApi(platform: Platform): Hono {
  const app = new Hono<Environment>();
  const proofs = new DeviceProofVerifier(platform);
  const enrolments = new RateLimiter(enrolmentLimit, platform.clock);
  const calls = new RateLimiter(callLimit, platform.clock);
  const limit = (call: Call, limiter: RateLimiter) => {
    const address = clientAddress(platform.config, call.env.incoming);
    if (isUnlimited(platform.config, address)) return;
    for (const [name, value] of Object.entries(limitHeaders(limiter.take(address)))) call.header(name, value);
  };

  app.use(async (call, next) => {
    limit(call, calls);
    call.set("body", await readBody(call.req, maxBodySize));
    call.set("caller", await proofs.verify(call.req, call.var.body));
    call.header("cache-control", "no-store");
    await next();
  });
  for (const [method, path, endpoint, kind] of routes) {
    app.on(method, path, (call) => {
      if (kind === "enrolments") limit(call, enrolments);
      return endpoint(platform, call);
    });
  }
  app.onError((error, call) => {
    const problem = toApiProblem(problemOf(error));
    if (problem.code === "INTERNAL") platform.log.error({ err: error }, "a call of the wallet API failed");
    return problem.answer(call);
  });

  return app as unknown as Hono;
}
