import { createHash, randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Problem } from "@xid/protocol";
import type { Context, Hono } from "hono";
import type { Authenticate, Caller } from "../http/caller.ts";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { ApiProblem, problemDescription, toApiProblem } from "../http/problem.ts";
import { limitHeaders, RateLimiter } from "../http/rate-limit.ts";
import type { Platform } from "../platform.ts";
import { errorPage } from "./error-page.ts";
import { answerOnce, parseIdempotencyKey } from "./idempotent-call.ts";
import { CallReader } from "./read-call.ts";
import { referencePage, referenceStyle } from "./reference-page.ts";
import type { ApiRoute, Call, Deprecation } from "./route.ts";
import { apiRoutes, problemsOf } from "./routes.ts";

type Environment = { Bindings: HttpBindings };

/** Calls of one client, and calls of one address that nobody could be known by. */
const clientLimit = { burst: 600, perSecond: 50 };
const strangerLimit = { burst: 30, perSecond: 0.5 };

/**
 * What relying parties call, under /v1: the routes of the table, each behind an access token; and for everybody their
 * OpenAPI document and a page to read it. `authenticate` knows whose token it is.
 */
export function relyingPartyApi(platform: Platform, authenticate: Authenticate, routes = apiRoutes): Hono {
  const { config, clock } = platform;
  const app = new OpenAPIHono<Environment>();
  const clients = new RateLimiter(clientLimit, clock);
  const strangers = new RateLimiter(strangerLimit, clock);
  const limiters = new Map(routes.flatMap(({ name, limit }) => (limit ? [[name, new RateLimiter(limit, clock)]] : [])));
  const reader = new CallReader();

  const known = async (route: ApiRoute, call: Context<Environment>): Promise<Caller> => {
    try {
      const credentials = {
        method: call.req.method,
        url: `${config.issuer}${call.req.path}`,
        authorization: call.req.header("authorization"),
        dpop: call.req.header("dpop"),
      };
      return await authenticate(credentials, Object.keys(route.access) as Caller["token"][]);
    } catch (error) {
      const address = clientAddress(config, call.env.incoming);
      if (error instanceof ApiProblem && !isUnlimited(config, address)) strangers.take(address);
      throw error;
    }
  };
  const authorized = async (route: ApiRoute, call: Context<Environment>): Promise<Caller> => {
    const caller = await known(route, call);
    const standing = limitHeaders(clients.take(caller.clientId));
    for (const [name, value] of Object.entries(standing)) call.header(name, value);
    const scope = scopesOf(route)[caller.token];
    if (scope === undefined) throw new TypeError("a token of a kind that the route does not take");
    if (!caller.scopes.has(scope)) throw new ApiProblem("SCOPE_INSUFFICIENT", { detail: scope });
    const own = limiters.get(route.name)?.take(caller.clientId);
    for (const [name, value] of Object.entries(own ? limitHeaders(own) : {})) call.header(name, value);
    return caller;
  };
  for (const route of routes) {
    app.openAPIRegistry.registerPath(describe(route));
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ":$1"), async (call) => {
      if (route.deprecated) tellDeprecation(call, route.deprecated);
      const caller = await authorized(route, call);
      const parameters = reader.parameters(route, call.req);
      const query = reader.query(route, call.req);
      const answer = await reader.body(route, call.req, async (body, bytes) => {
        const serve = (id: string) =>
          route.serve(platform, { caller, parameters, query, body, id } as Call) as Promise<object | undefined>;
        const header = route.creates && call.req.header("idempotency-key");
        if (header === undefined) return serve(randomUUID());
        const once = { clientId: caller.clientId, key: parseIdempotencyKey(header), digest: digestOf(call, bytes) };
        const { answer, replayed } = await answerOnce(platform, once, serve);
        if (replayed) call.header("idempotency-replayed", "true");
        return answer;
      });
      call.header("cache-control", "no-store");
      return present(route, call, answer);
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
  const errors = errorPage();
  app.get("/errors", (call) => call.html(errors));
  app.get("/docs.css", (call) => call.body(referenceStyle, 200, { "content-type": "text/css; charset=utf-8" }));

  app.onError((error, call) => {
    const problem = toApiProblem(error);
    if (problem.code === "INTERNAL") platform.log.error({ err: error }, "a call of the API failed");
    const challenge = challengeFor(problem, call.req.header("authorization") !== undefined);
    if (challenge) call.header("www-authenticate", challenge);
    return problem.answer(call);
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

/** RFC 9745, RFC 8594: also where the call is refused. */
function tellDeprecation(call: Context, { since, sunset, link }: Deprecation): void {
  call.header("deprecation", `@${Math.floor(since.getTime() / 1000)}`);
  call.header("sunset", sunset.toUTCString());
  call.header("link", `<${link}>; rel="deprecation"; type="text/html"`);
}

/** By kind of token. */
function scopesOf({ access }: ApiRoute): { person?: string; client?: string } {
  return access;
}

/** Of everything that decides what a call does: the same call has the same. */
function digestOf({ req }: Context<Environment>, body: Buffer): Buffer {
  const { search, pathname } = new URL(req.url);
  const head = [req.method, pathname, search, req.header("content-type") ?? ""].join("\n");
  return createHash("sha256").update(head).update("\n\n").update(body).digest();
}

function present({ answer, status = 200 }: ApiRoute, call: Context<Environment>, value: unknown): Response {
  if (answer === null) return call.body(null, 204);
  if (value instanceof Uint8Array && "mediaType" in answer) {
    return call.body(value as Uint8Array<ArrayBuffer>, status, { "content-type": answer.mediaType });
  }
  return call.json(value as object, status);
}

function describe(route: ApiRoute) {
  const { parameters, query, body, answer, summary, description } = route;
  const problems = Map.groupBy(problemsOf(route), (code) => problemDescription(code).status);
  const content =
    body?.form === "json"
      ? { "application/json": { schema: body.shape } }
      : Object.fromEntries((body?.mediaTypes ?? []).map((type) => [type, { schema: binary }]));
  return createRoute({
    method: route.method,
    path: route.path,
    operationId: route.name,
    ...(route.deprecated && { deprecated: true }),
    summary: summary.en,
    description: `${description.ja}\n\n${description.en}`,
    security: Object.values(scopesOf(route)).map((scope) => ({ accessToken: [scope] })),
    request: {
      ...(parameters && { params: parameters }),
      ...(query && { query }),
      ...(route.creates && { headers: idempotencyHeader }),
      ...(body && { body: { required: true, content } }),
    },
    responses: {
      [answer === null ? 204 : (route.status ?? 200)]: { description: summary.en, ...contentOf(answer) },
      ...Object.fromEntries(
        [...problems].map(([status, codes]) => [
          status,
          { description: codes.join(", "), content: { "application/problem+json": { schema: Problem } } },
        ]),
      ),
    },
  });
}

const idempotencyHeader = z.object({
  "Idempotency-Key": z.string().max(257).optional().openapi({
    description: "The same call under the same key is done once, and has the same answer for a day.",
  }),
});

const binary = z.string().openapi({ format: "binary" });

function contentOf(answer: ApiRoute["answer"]) {
  if (answer === null) return {};
  if ("mediaType" in answer) return { content: { [answer.mediaType]: { schema: binary } } };
  return { content: { "application/json": { schema: answer } } };
}
