import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { clockRoutes } from "./clock/routes.ts";
import { SandboxError } from "./error.ts";
import { faultyAuthorityRoutes } from "./faults/revocation-faults.ts";
import { faultRoutes } from "./faults/routes.ts";
import { onlyFromOrigins } from "./http/origin.ts";
import { exposeError, problem } from "./http/problem.ts";
import { jlisRoutes, largestJlisBody } from "./jlis/routes.ts";
import { pageRoutes } from "./pages/routes.ts";
import { peopleRoutes } from "./people/routes.ts";
import { readerRoutes } from "./reader/routes.ts";
import { listVerifiers } from "./store/verifiers.ts";
import { townRoutes } from "./town/routes.ts";
import { settleOnFirstUse } from "./town/settle.ts";
import { timestampRoutes } from "./tsa/routes.ts";
import type { World } from "./world.ts";

const largestBody = 64 * 1024;

/** The sandbox over HTTP: residents, cards, authorities, J-LIS, and the city office for people. */
export function sandboxApp(world: World): Hono {
  const app = new Hono();
  app.onError((error, context) => problem(context, exposeError(error, world.log)));
  app.notFound((context) => problem(context, new SandboxError("NOT_FOUND", "there is nothing here")));
  const strictTransportSecurity = world.sandboxUrl.startsWith("https:") && "max-age=31536000";
  const referrerPolicy = "same-origin";
  app.use(secureHeaders({ contentSecurityPolicy, strictTransportSecurity, xFrameOptions: "DENY", referrerPolicy }));
  const onError = () => {
    throw new SandboxError("TOO_LARGE", "the body is too large");
  };
  const [limit, limitAtJlis, limitOfSweep] = [largestBody, largestJlisBody.other, largestJlisBody.sweep].map(
    (maxSize) => bodyLimit({ maxSize, onError }),
  ) as [MiddlewareHandler, MiddlewareHandler, MiddlewareHandler];
  app.use((context, next) => {
    const { path } = context.req;
    if (path === "/jlis/v1/changes") return limitOfSweep(context, next);
    return path.startsWith("/jlis/v1/") ? limitAtJlis(context, next) : limit(context, next);
  });

  const fromApp = cors({
    origin: world.appOrigin,
    allowMethods: ["GET", "POST", "DELETE"],
    allowHeaders: ["content-type"],
    maxAge: 600,
  });
  const fromUsOrApp = onlyFromOrigins([new URL(world.sandboxUrl).origin, world.appOrigin]);
  for (const path of ["/api/*", "/reader/*"]) app.use(path, fromApp, fromUsOrApp);

  app.get("/healthz", (context) => {
    world.database.prepare("SELECT 1 FROM authorities").get();
    return context.json({ status: "ok" });
  });
  for (const path of ["/api/people/:id/*", "/people/:id/*", "/reader/:id/*"]) app.use(path, settleOnFirstUse(world));
  app.route("/api", peopleRoutes(world));
  app.route("/api/clock", clockRoutes(world));
  app.route("/api/town", townRoutes(world));
  app.get("/api/verifiers", (context) => context.json(listVerifiers(world.database)));
  app.route("/api/faults", faultRoutes(world));
  app.route("/reader", readerRoutes(world));
  app.route("/jpki", faultyAuthorityRoutes(world));
  app.route("/tsa", timestampRoutes(world));
  app.route("/jlis/v1", jlisRoutes(world));
  app.route("/", pageRoutes(world));
  return app;
}

const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
};
