import type { Platform } from "../platform.ts";
import { clientAddress, isUnlimited } from "./client-address.ts";
import { ApiProblem } from "./problem.ts";
import { RateLimiter } from "./rate-limit.ts";
import type { Handler } from "./server.ts";

/** How often one address may fail to prove who it is. */
const failureLimit = { burst: 30, perSecond: 0.5 };

/**
 * Puts off an address that keeps failing to authenticate as a client (401) at the OpenID Provider. Its error is in the form
 * of OAuth (RFC 6749 section 5.2), its headers are those of every limit.
 */
export function limitFailures(platform: Pick<Platform, "config" | "clock">, handler: Handler): Handler {
  const failures = new RateLimiter(failureLimit, platform.clock);
  return (request, response) => {
    const address = clientAddress(platform.config, request);
    if (request.method !== "POST" || isUnlimited(platform.config, address)) return handler(request, response);
    try {
      failures.check(address);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      const body = { error: "temporarily_unavailable", error_description: "too many failed authentications" };
      response.writeHead(error.status, { ...error.allHeaders(), "content-type": "application/json" });
      response.end(JSON.stringify(body));
      return;
    }
    response.on("finish", () => {
      if (response.statusCode === 401) countFailure(failures, address);
    });
    handler(request, response);
  };
}

/** Of several at once the last ones find nothing left to count. */
function countFailure(failures: RateLimiter, address: string): void {
  try {
    failures.take(address);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  }
}
