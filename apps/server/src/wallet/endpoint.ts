import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { z } from "zod";
import { ApiProblem } from "../http/problem.ts";
import type { Device } from "../identity/device.ts";
import type { Platform } from "../platform.ts";
import type { ProvenCaller } from "./device-proof.ts";

export type Environment = { Bindings: HttpBindings; Variables: { caller: ProvenCaller; body: Buffer } };

/** One call whose proof has been verified. */
export type Call = Context<Environment>;

export type Endpoint = (platform: Platform, call: Call) => Promise<Response>;

/** The enrolled device that calls. Throws `UNAUTHENTICATED` for a key that is not enrolled. */
export function device(call: Call): Device {
  const { caller } = call.var;
  if (!caller.device) throw new ApiProblem("UNAUTHENTICATED", { detail: "the proof must name an enrolled device" });
  return caller.device;
}

/** The body as a message of its shape. Throws `UNSUPPORTED_MEDIA_TYPE` or `MALFORMED`. */
export function message<Shape extends z.ZodType>(call: Call, shape: Shape): z.output<Shape> {
  if (!call.req.header("content-type")?.startsWith("application/json")) {
    throw new ApiProblem("UNSUPPORTED_MEDIA_TYPE");
  }
  const parsed = shape.safeParse(parseJson(call.var.body));
  // Where it is wrong, never what it says.
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ApiProblem("MALFORMED", { detail: `${issue?.path.join(".") || "body"}: ${issue?.code}` });
  }
  return parsed.data;
}

/** A part of the path. Throws `NOT_FOUND` if it is not in its form. */
export function pathPart(call: Call, name: "id" | "clientId", form: RegExp): string {
  const part = call.req.param(name) ?? "";
  if (!form.test(part)) throw new ApiProblem("NOT_FOUND");
  return part;
}

export const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** client-id = *VSCHAR (RFC 6749 appendix A.1). */
export const clientIdForm = /^[\x20-\x7e]{1,256}$/;

export const requestIdForm = /^[A-Za-z0-9_-]{16,64}$/;

/** Undefined, which no message is, if it is not JSON. */
function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
