import type { Context } from "hono";
import type { z } from "zod";
import { SandboxError } from "../error.ts";

/** The request's JSON in its schema. Throws UNSUPPORTED_MEDIA_TYPE or MALFORMED, which names the field, not its value. */
export async function readJson<T extends z.ZodType>(context: Context, schema: T): Promise<z.output<T>> {
  const type = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new SandboxError("UNSUPPORTED_MEDIA_TYPE", "application/json is expected");
  let body: unknown;
  try {
    body = await context.req.json();
  } catch (cause) {
    if (cause instanceof SandboxError) throw cause;
    throw new SandboxError("MALFORMED", "the body is not JSON", { cause });
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join(".");
  throw new SandboxError("MALFORMED", path ? `${path} is not in its form` : "the body is not in its form");
}
