import type { HttpBindings } from "@hono/node-server";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { Problem } from "@xid/protocol";
import type { Context, Hono, Next } from "hono";
import type { Authenticate, Caller } from "../http/caller.ts";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { ApiProblem, problemDescription, toApiProblem } from "../http/problem.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import type { Platform } from "../platform.ts";
import { referencePage, referenceStyle } from "./reference-page.ts";
import type { ApiRoute } from "./route.ts";
import { apiProblems, apiRoutes } from "./routes.ts";

type Environment = { Bindings: HttpBindings; Variables: { caller: Caller } };

/** Calls of one client, and calls of one address that nobody could be known by. */
const clientLimit = { burst: 600, perSecond: 50 };
const strangerLimit = { burst: 30, perSecond: 0.5 };

/**
 * What relying parties call, under /v1: the routes of the table, each behind an access token; and for everybody their
 * OpenAPI document and a page to read it. `authenticate` knows whose token it is.
 */
export function relyingPartyApi(platform: Platform, authenticate: Authenticate): Hono {
  const { config, clock } = platform;
  const app = new OpenAPIHono<Environment>({
    defaultHook: (result) => {
      // There is nothing but ids in paths yet: one that is no id is nobody's.
      if (!result.success) throw new ApiProblem("NOT_FOUND");
    },
  });
  const clients = new RateLimiter(clientLimit, clock);
  const strangers = new RateLimiter(strangerLimit, clock);

  const known = async (call: Context<Environment>): Promise<Caller> => {
    try {
      return await authenticate({
        method: call.req.method,
        url: `${config.issuer}${call.req.path}`,
        authorization: call.req.header("authorization"),
        dpop: call.req.header("dpop"),
      });
    } catch (error) {
      const address = clientAddress(config, call.env.incoming);
      if (error instanceof ApiProblem && !isUnlimited(config, address)) strangers.take(address);
      throw error;
    }
  };
  const authorize = (route: ApiRoute) => async (call: Context<Environment>, next: Next) => {
    const caller = await known(call);
    const { limit, remaining, reset } = clients.take(caller.clientId);
    call.header("ratelimit-limit", String(limit));
    call.header("ratelimit-remaining", String(remaining));
    call.header("ratelimit-reset", String(reset));
    if (!caller.scopes.has(route.scope)) throw new ApiProblem("SCOPE_INSUFFICIENT", { detail: route.scope });
    call.set("caller", caller);
    call.header("cache-control", "no-store");
    await next();
  };
  for (const route of apiRoutes) {
    app.openapi(describe(route, authorize(route)), async (call) => {
      const { id } = call.req.valid("param");
      return call.json(await route.serve(platform, { caller: call.var.caller, id }));
    });
  }
  app.openAPIRegistry.registerComponent("securitySchemes", "accessToken", {
    type: "openIdConnect",
    openIdConnectUrl: `${config.issuer}/.well-known/openid-configuration`,
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "xID API",
      version: "1",
      description:
        "What a relying party reads after a person's approval. Access tokens come from the OpenID Provider; one that is bound to a key (DPoP) needs its proof.",
    },
    servers: [{ url: `${config.issuer}/v1` }],
  });
  app.get("/openapi.json", (call) => call.json(document));
  const page = referencePage(config.issuer);
  app.get("/docs", (call) => call.html(page));
  app.get("/docs.css", (call) => call.body(referenceStyle, 200, { "content-type": "text/css; charset=utf-8" }));

  app.onError((error, call) => {
    const problem = toApiProblem(error);
    if (problem.code === "INTERNAL") platform.log.error({ err: error }, "a call of the API failed");
    const response = problem.toResponse();
    const challenge = challengeFor(problem, call.req.header("authorization") !== undefined);
    if (challenge) response.headers.set("www-authenticate", challenge);
    if (problem.code === "RATE_LIMITED") {
      response.headers.set("ratelimit-remaining", "0");
      response.headers.set("ratelimit-reset", String(problem.retryAfter));
    }
    return response;
  });
  return app as unknown as Hono;
}

/** RFC 6750 section 3, RFC 9449 section 7.1. */
function challengeFor({ code, detail }: ApiProblem, tried: boolean): string | undefined {
  switch (code) {
    case "TOKEN_INVALID":
      return tried ? 'Bearer error="invalid_token", DPoP error="invalid_token"' : "Bearer, DPoP";
    case "DPOP_PROOF_INVALID":
      return 'DPoP error="invalid_dpop_proof"';
    case "SCOPE_INSUFFICIENT":
      return `Bearer error="insufficient_scope", scope="${detail}"`;
    default:
      return undefined;
  }
}

function describe(route: ApiRoute, authorize: (call: Context<Environment>, next: Next) => Promise<void>) {
  const statusOf = (code: (typeof apiProblems)[number]) => problemDescription(code).status;
  const statuses = [...new Set(apiProblems.map(statusOf))];
  const problems = statuses.map((status) => {
    const description = apiProblems.filter((code) => statusOf(code) === status).join(", ");
    return [status, { description, content: { "application/problem+json": { schema: Problem } } }] as const;
  });
  return createRoute({
    method: route.method,
    path: route.path,
    operationId: route.name,
    summary: route.summary.en,
    description: `${route.description.ja}\n\n${route.description.en}`,
    security: [{ accessToken: [route.scope] }],
    middleware: authorize,
    request: { params: route.parameters },
    responses: {
      200: { description: route.summary.en, content: { "application/json": { schema: route.answer } } },
      ...Object.fromEntries(problems),
    },
  });
}
