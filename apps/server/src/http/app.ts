import { deviceProofHeader } from "@xid/protocol";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { sql } from "kysely";
import { ssfConfiguration } from "../events/security-event.ts";
import type { Platform } from "../platform.ts";
import { ApiProblem, toApiProblem } from "./problem.ts";

/** Our own routes, each part under its path. What a part does not answer itself ends here as a problem document. */
export function createApp(
  platform: Platform,
  parts: {
    interaction: Hono;
    assets: Hono;
    walletApi: Hono;
    caApi: Hono;
    credentialApi: Hono;
    logApi: Hono;
    relyingPartyApi: Hono;
  },
): Hono {
  const app = new Hono();
  app.get("/healthz", async (context) => {
    await sql`SELECT 1`.execute(platform.database);
    context.header("cache-control", "no-store");
    return context.json({ status: "ok" });
  });
  app.route("/interaction", parts.interaction);
  app.route("/assets", parts.assets);
  app.route("/ca", parts.caApi);
  app.route("/log", parts.logApi);
  app.route("/", parts.credentialApi);
  app.route("/v1", parts.relyingPartyApi);
  const ssf = ssfConfiguration(platform.config.issuer);
  app.get("/.well-known/ssf-configuration", (context) => context.json(ssf));
  const fromApp = cors({
    origin: new URL(platform.config.appUrl).origin,
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: ["content-type", deviceProofHeader],
    exposeHeaders: ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
    maxAge: 3600,
  });
  // Only a browser says where it calls from; the app on a phone needs no header of these.
  app.use("/wallet/v1/*", (context, next) => (context.req.header("origin") ? fromApp(context, next) : next()));
  app.route("/wallet/v1", parts.walletApi);
  app.notFound(() => new ApiProblem("NOT_FOUND").toResponse());
  app.onError((error) => {
    const problem = toApiProblem(error);
    if (problem.code === "INTERNAL") platform.log.error({ err: error }, "a call failed");
    return problem.toResponse();
  });
  return app;
}
