import type { HttpBindings } from "@hono/node-server";
import { formatRequestLink, ProtocolError } from "@xid/protocol";
import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { getCookie } from "hono/cookie";
import { streamSSE } from "hono/streaming";
import type Provider from "oidc-provider";
import { z } from "zod";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { ApiProblem, toApiProblem } from "../http/problem.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import { readBody } from "../http/read-body.ts";
import type { Platform } from "../platform.ts";
import { proximityCode, type Question, readRequest, startRequest } from "../request/engine.ts";
import type { Request } from "../request/request.ts";
import { RequestError } from "../request/request-error.ts";
import { BriefCache } from "../store/brief-cache.ts";
import { toAsked, toParameters } from "./asked.ts";
import {
  cancelInteraction,
  completeInteraction,
  type Interaction,
  refuseInteraction,
  refuseNobody,
  returnMistake,
} from "./complete.ts";
import type { CookieSigner } from "./cookie-signer.ts";
import { chooseLanguage, type Language } from "./pages/language.ts";
import { messages, renderMessagePage } from "./pages/message-page.ts";
import { renderReturnPage, renderSignInPage } from "./pages/sign-in-page.ts";
import type { Subjects } from "./subjects.ts";
import type { PageState, WaitingPages } from "./waiting-pages.ts";
import { wantedPerson } from "./wanted-person.ts";

type Environment = { Bindings: HttpBindings };
type Call = Context<Environment>;

/** Nothing but our own files, and answers of our own server. Forms are not used. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/** A person opens a handful of sign-in pages; each asks for its status once a second at most. */
const pageLimit = { burst: 30, perSecond: 0.5 };
const statusLimit = { burst: 30, perSecond: 5 };

/** How long an interaction is kept at hand for the browser's next calls, in milliseconds. */
const begunCacheTime = 60_000;

/** After these nothing more will happen to a request. */
const finalStates = new Set<Request["state"]>(["completed", "declined", "expired", "cancelled", "failed"]);

const ReturnBody = z.object({ secret: z.string().max(128) });

/**
 * The pages and calls between the provider's redirect to us and ours back to it, for the browser that began: every one
 * needs the interaction cookie, which is signed, so that knowing the id (it is in the QR code) is not enough.
 */
export function createInteraction(
  platform: Platform,
  {
    provider,
    subjects,
    cookies,
    waitingPages,
  }: { provider: Provider; subjects: Subjects; cookies: CookieSigner; waitingPages: WaitingPages },
): Hono {
  const { config, clock } = platform;
  const app = new Hono<Environment>();
  const pages = new RateLimiter(pageLimit, clock);
  const statuses = new RateLimiter(statusLimit, clock);
  const cookieName = provider.cookieName("interaction");
  const begun = new BriefCache<Interaction>(begunCacheTime, clock);
  provider.on("interaction.started", ({ oidc }) => {
    const interaction = oidc.entities.Interaction;
    if (interaction) begun.set(interaction.uid, interaction);
  });

  const limit = (context: Call, limiter: RateLimiter) => {
    const address = clientAddress(config, context.env.incoming);
    if (!isUnlimited(config, address)) limiter.take(address);
  };
  const assertBegunHere = (context: Call): string => {
    const uid = context.req.param("uid") ?? "";
    const sent = getCookie(context);
    // As the provider set it: the value, and in a second cookie the signature of "name=value".
    if (sent[cookieName] !== uid || !cookies.verify(`${cookieName}=${uid}`, sent[`${cookieName}.sig`] ?? "")) {
      throw new ApiProblem("RETURN_SECRET_WRONG");
    }
    return uid;
  };
  /** Throws `NOT_FOUND` when it is over. What is at hand may lack a result that another process has just written. */
  const findInteraction = async (uid: string) => {
    const interaction = begun.get(uid) ?? (await provider.Interaction.find(uid));
    if (!interaction || interaction.isExpired) throw new ApiProblem("NOT_FOUND");
    begun.set(uid, interaction);
    return interaction;
  };
  /** For calls that change something. */
  const begunHere = async (context: Call) => {
    limit(context, pages);
    const origin = context.req.header("origin");
    if (origin !== undefined && origin !== new URL(config.issuer).origin) throw new ApiProblem("FORBIDDEN");
    return findInteraction(assertBegunHere(context));
  };
  /** What was asked first stands, also when the client has changed its name or purpose since. */
  const startOrFind = async (question: Question) => {
    const { requestId, clientId } = question;
    try {
      return await startRequest(platform, question);
    } catch (error) {
      if (!(error instanceof RequestError && error.code === "ID_TAKEN")) throw error;
      const request = await readRequest(platform, requestId);
      if (request?.clientId !== clientId) throw error;
      return request;
    }
  };
  const goOn = (context: Call, location: string) => {
    context.header("cache-control", "no-store");
    // RFC 7240: our script asks for the address, because a form's redirects would be held to the page's policy.
    if (context.req.header("prefer") === "return=representation") return context.json({ location });
    return context.redirect(location, 303);
  };

  app.get("/:uid", async (context) => {
    limit(context, pages);
    const interaction = await findInteraction(assertBegunHere(context));
    if (interaction.result) return goOn(context, interaction.returnTo);
    // The second round: the provider did not take what the resident had approved.
    if (interaction.lastSubmission?.login) return goOn(context, await refuseInteraction(interaction));
    const client = await provider.Client.find(String(interaction.params.client_id));
    if (!client) throw new ApiProblem("NOT_FOUND");
    const requestId = interaction.uid;
    const { clientId } = client;
    const wanted = await wantedPerson(subjects, client, interaction.params);
    if (wanted === "nobody") return goOn(context, await refuseNobody(interaction));
    const asked = await toAsked(platform, client, toParameters(interaction.params)).catch((error: unknown) => {
      if (error instanceof ProtocolError) return error;
      throw error;
    });
    if (asked instanceof ProtocolError) {
      return goOn(context, await returnMistake(interaction, `jwks_uri: ${asked.message}`));
    }
    const request = await startOrFind({ requestId, clientId, ...wanted, ...asked });
    const link = formatRequestLink(config.appUrl, { requestId, via: "link" });
    if (wantsJson(context)) return context.json({ requestId, state: request.state, link });
    const language = languageOf(context, interaction.params.ui_locales);
    const { domain } = request.asked;
    const clientName = request.asked.clientName[language];
    const expiresAt = request.expiresAt.getTime();
    return page(context, await renderSignInPage({ language, requestId, clientName, domain, link, expiresAt }));
  });

  app.get("/:uid/status", async (context) => {
    limit(context, statuses);
    const request = await readRequest(platform, assertBegunHere(context));
    if (!request) throw new ApiProblem("NOT_FOUND");
    const code = request.state === "created" ? proximityCode(request, clock()) : null;
    context.header("cache-control", "no-store");
    return context.json({ ...toPageState(request), code });
  });

  app.get("/:uid/events", async (context) => {
    limit(context, statuses);
    const request = await readRequest(platform, assertBegunHere(context));
    if (!request) throw new ApiProblem("NOT_FOUND");
    waitingPages.assertRoom(request.requestId);
    context.header("x-accel-buffering", "no");
    return streamSSE(context, async (stream) => {
      const { promise: gone, resolve: end } = Promise.withResolvers<void>();
      stream.onAbort(end);
      const leave = waitingPages.add(request, {
        showState: (state) => {
          const written = stream.writeSSE({ event: "state", data: JSON.stringify(state) });
          if (finalStates.has(state.state)) void written.then(end);
        },
        showCode: (code) => void stream.writeSSE({ event: "code", data: JSON.stringify({ code }) }),
      });
      await gone;
      leave();
    });
  });

  app.get("/:uid/return", async (context) => {
    limit(context, pages);
    assertBegunHere(context);
    const language = languageOf(context);
    return page(context, await renderReturnPage(language, messages.wrongBrowser[language]));
  });

  app.post("/:uid/return", async (context) => {
    const interaction = await begunHere(context);
    const secret = { returnSecret: parseReturnSecret(await readBody(context.req, 1024)) };
    return goOn(context, await completeInteraction(platform, { provider, subjects }, interaction, secret));
  });

  app.post("/:uid/finish", async (context) => {
    return goOn(context, await completeInteraction(platform, { provider, subjects }, await begunHere(context), {}));
  });

  app.post("/:uid/cancel", async (context) => {
    return goOn(context, await cancelInteraction(platform, await begunHere(context)));
  });

  app.onError(async (error, context) => {
    const problem = toApiProblem(error);
    if (problem.code === "INTERNAL") platform.log.error({ err: error }, "an interaction failed");
    if (context.req.method !== "GET" || wantsJson(context) || /\/(status|events)$/.test(context.req.path)) {
      return problem.toResponse();
    }
    const language = languageOf(context);
    const html = await renderMessagePage(language, messageFor(problem)[language]);
    if (problem.retryAfter !== undefined) context.header("retry-after", String(problem.retryAfter));
    return page(context, html, problem.status);
  });

  return app as unknown as Hono;
}

function messageFor({ code }: ApiProblem) {
  if (code === "RETURN_SECRET_WRONG") return messages.wrongBrowser;
  if (code === "RATE_LIMITED") return messages.tooMany;
  return code === "INTERNAL" || code === "UNAVAILABLE" ? messages.unavailable : messages.gone;
}

function toPageState({ state, via, checkNumber }: Request): PageState {
  return { state, via, checkNumber };
}

function parseReturnSecret(body: Buffer): string {
  try {
    return ReturnBody.parse(JSON.parse(body.toString("utf8"))).secret;
  } catch (cause) {
    throw new ApiProblem("MALFORMED", { cause });
  }
}

function page(context: Context, html: string, status: ApiProblem["status"] | 200 = 200): Response {
  context.header("content-security-policy", pagePolicy);
  context.header("cache-control", "no-store");
  return context.html(html, status);
}

function wantsJson(context: Context): boolean {
  const options = { header: "Accept", supports: ["text/html", "application/json"], default: "text/html" } as const;
  return accepts(context, { ...options, supports: [...options.supports] }) === "application/json";
}

function languageOf(context: Context, uiLocales?: unknown): Language {
  return chooseLanguage({
    chosen: context.req.query("lang"),
    uiLocales: typeof uiLocales === "string" ? uiLocales : undefined,
    acceptLanguage: context.req.header("accept-language"),
  });
}
