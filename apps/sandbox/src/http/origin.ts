import type { MiddlewareHandler } from "hono";
import { SandboxError } from "../error.ts";

/**
 * Refuses browsers on other sites' behalf, also for requests that need no preflight. Programs send no Origin and pass:
 * the simulation has no secrets from those who can reach it.
 */
export function onlyFromOrigins(origins: string[]): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header("origin");
    if (origin !== undefined && !origins.includes(origin)) {
      throw new SandboxError("ORIGIN_REFUSED", "this origin may not use the sandbox");
    }
    await next();
  };
}

/** For forms: only from our own pages. Browsers say so by Sec-Fetch-Site, older ones by Origin. */
export function onlyFromOwnPages(): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      const site = context.req.header("sec-fetch-site");
      const origin = URL.parse(context.req.header("origin") ?? "");
      const isOwn = site === undefined ? origin?.host === context.req.header("host") : site === "same-origin";
      if (!isOwn) throw new SandboxError("ORIGIN_REFUSED", "forms are taken from our own pages only");
    }
    await next();
  };
}
