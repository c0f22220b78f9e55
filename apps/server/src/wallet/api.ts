import type { HttpBindings } from "@hono/node-server";
import { EnrolmentCompletion, RequestApproval, RequestOpening } from "@xid/protocol";
import { type Context, Hono } from "hono";
import type { z } from "zod";
import { listLinkedServices } from "../consent/linked-services.ts";
import { unlinkService } from "../consent/unlink.ts";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { ApiProblem, toApiProblem } from "../http/problem.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import { readBody } from "../http/read-body.ts";
import type { Device } from "../identity/device.ts";
import { completeEnrolment } from "../identity/enrol.ts";
import { startEnrolment } from "../identity/start-enrolment.ts";
import type { Platform } from "../platform.ts";
import { approveRequest } from "../request/approve.ts";
import { declineRequest } from "../request/decline.ts";
import { openRequest } from "../request/open.ts";
import { DeviceProofVerifier, type ProvenCaller } from "./device-proof.ts";
import { presentMe } from "./me.ts";
import { problemOf } from "./problem-of.ts";

type Environment = { Bindings: HttpBindings; Variables: { caller: ProvenCaller; body: Buffer } };
type Call = Context<Environment>;

/** Larger than any message of this protocol. */
const maxBodySize = 64 * 1024;

/** Calls of one address: a person enrols once and signs in a few times a day. */
const enrolmentLimit = { burst: 20, perSecond: 0.2 };
const callLimit = { burst: 120, perSecond: 4 };

/**
 * What the xID app calls, under /wallet/v1. Every call is signed by the device (device-proof.ts); all but the two of
 * an enrolment need an enrolled one. Messages: packages/protocol/src/messages.ts.
 */
export function walletApi(platform: Platform): Hono {
  const app = new Hono<Environment>();
  const proofs = new DeviceProofVerifier(platform);
  const enrolments = new RateLimiter(enrolmentLimit, platform.clock);
  const calls = new RateLimiter(callLimit, platform.clock);
  const limit = (context: Call, limiter: RateLimiter) => {
    const address = clientAddress(platform.config, context.env.incoming);
    if (!isUnlimited(platform.config, address)) limiter.take(address);
  };

  app.use(async (context, next) => {
    limit(context, calls);
    context.set("body", await readBody(context.req, maxBodySize));
    context.set("caller", await proofs.verify(context.req, context.var.body));
    context.header("cache-control", "no-store");
    await next();
  });

  app.post("/enrolments", async (context) => {
    limit(context, enrolments);
    return context.json(await startEnrolment(platform, context.var.caller.keyThumbprint), 201);
  });

  app.post("/enrolments/:id/complete", async (context) => {
    limit(context, enrolments);
    const enrolmentId = uuidOf(context.req.param("id"));
    const completion = message(context, EnrolmentCompletion);
    return context.json(await completeEnrolment(platform, context.var.caller, enrolmentId, completion));
  });

  app.get("/me", async (context) => context.json(await presentMe(platform, device(context))));

  app.post("/requests/:id/open", async (context) => {
    const opening = message(context, RequestOpening);
    return context.json(await openRequest(platform, device(context), requestIdOf(context), opening));
  });

  app.post("/requests/:id/approve", async (context) => {
    const { approval } = message(context, RequestApproval);
    return context.json(await approveRequest(platform, device(context), requestIdOf(context), approval));
  });

  app.post("/requests/:id/decline", async (context) => {
    return context.json(await declineRequest(platform, device(context), requestIdOf(context)));
  });

  app.get("/services", async (context) => {
    return context.json(await listLinkedServices(platform, device(context).accountId));
  });

  app.delete("/services/:clientId", async (context) => {
    const clientId = clientIdOf(context);
    if ((await unlinkService(platform, device(context).accountId, clientId)) === "not_linked") {
      throw new ApiProblem("NOT_FOUND");
    }
    return context.body(null, 204);
  });

  app.onError((error) => {
    const problem = toApiProblem(problemOf(error));
    if (problem.code === "INTERNAL") platform.log.error({ err: error }, "a call of the wallet API failed");
    return problem.toResponse();
  });

  return app as unknown as Hono;
}

/** The enrolled device that calls. */
function device(context: Call): Device {
  const { caller } = context.var;
  if (!caller.device) throw new ApiProblem("UNAUTHENTICATED", { detail: "the proof must name an enrolled device" });
  return caller.device;
}

function message<Shape extends z.ZodType>(context: Call, shape: Shape): z.output<Shape> {
  if (!context.req.header("content-type")?.startsWith("application/json")) {
    throw new ApiProblem("UNSUPPORTED_MEDIA_TYPE");
  }
  const parsed = shape.safeParse(parseJson(context.var.body));
  // Where it is wrong, never what it says.
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ApiProblem("MALFORMED", { detail: `${issue?.path.join(".") || "body"}: ${issue?.code}` });
  }
  return parsed.data;
}

/** Undefined, which no message is, if it is not JSON. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function requestIdOf(context: Call): string {
  const id = context.req.param("id") ?? "";
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(id)) throw new ApiProblem("NOT_FOUND");
  return id;
}

/** client-id = *VSCHAR (RFC 6749 appendix A.1). */
function clientIdOf(context: Call): string {
  const id = context.req.param("clientId") ?? "";
  if (!/^[\x20-\x7e]{1,256}$/.test(id)) throw new ApiProblem("NOT_FOUND");
  return id;
}

function uuidOf(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) throw new ApiProblem("NOT_FOUND");
  return text;
}
