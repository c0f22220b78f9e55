import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { Platform } from "../platform.ts";
import { routeOf } from "./log.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Headers of every answer. A page that needs more than nothing states its own policy. */
const securityHeaders: Record<string, string> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-site",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  // An empty script-src: oidc-provider adds the hash of its one inline script, which posts a form by itself.
  "content-security-policy":
    "default-src 'none'; script-src; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
};

/** Longest header section, and slowest headers and request, that we put up with: a document has up to 50 MB. In milliseconds. */
const maxHeaderSize = 16_384;
const headersTimeout = 15_000;
const requestTimeout = 60_000;

/** Longer than clients and proxies keep an idle connection, so that none sends into one that we are just closing. */
const keepAliveTimeout = 75_000;

export type Routes = {
  /** Paths for the OpenID Provider: these and what lies below them. */
  providerPaths: readonly string[];
  provider: Handler;
  /** By path: what takes a POST to one of the provider's paths in its place. */
  forms: Readonly<Record<string, Handler>>;
  app: Hono;
};

/**
 * One server for the OpenID Provider and our own routes, divided by path before any framework sees the request, so that
 * nobody else reads the provider's bodies.
 */
export function createHttpServer({ config, log }: Pick<Platform, "config" | "log">, routes: Routes): Server {
  const issuer = new URL(config.issuer);
  const app = getRequestListener(routes.app.fetch);
  const isProvider = (path: string) =>
    routes.providerPaths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  const logsRequests = log.isLevelEnabled("debug");
  const secure = issuer.protocol === "https:";

  return createServer({ maxHeaderSize, headersTimeout, requestTimeout, keepAliveTimeout }, (request, response) => {
    const started = performance.now();
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (secure) response.setHeader("strict-transport-security", "max-age=31536000");
    if (logsRequests)
      response.on("close", () => {
        const { method } = request;
        const ms = Math.round(performance.now() - started);
        log.debug({ method, route: routeOf(request.url ?? ""), status: response.statusCode, ms }, "request");
      });
    const path = (request.url ?? "").replace(/[?#].*$/s, "");
    if (!isProvider(path)) {
      void app(request, response);
      return;
    }
    // oidc-provider makes its URLs of these; only the issuer's own are true.
    request.headers.host = issuer.host;
    request.headers["x-forwarded-proto"] = issuer.protocol.slice(0, -1);
    delete request.headers["x-forwarded-host"];
    const form = request.method === "POST" ? routes.forms[path] : undefined;
    (form ?? routes.provider)(request, response);
  });
}
