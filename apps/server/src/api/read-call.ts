import type { z } from "@hono/zod-openapi";
import type { HonoRequest } from "hono";
import { ApiProblem } from "../http/problem.ts";
import { readBody } from "../http/read-body.ts";
import type { ApiRoute, Body } from "./route.ts";

const jsonMaxSize = 64 * 1024;

/** Bytes of bodies that one process takes in at the same time; JSON is too small to count. */
const maxBytesAtOnce = 256 * 1024 * 1024;

/** Takes in what a route wants sent, and gives memory for large bodies to so many at a time. One per process. */
export class CallReader {
  #bytes = 0;

  /** What stands in the path. Throws `NOT_FOUND`: what is not an id is nobody's. */
  parameters({ parameters }: ApiRoute, request: HonoRequest): Record<string, unknown> {
    const parsed = parameters?.safeParse(request.param());
    if (parsed && !parsed.success) throw new ApiProblem("NOT_FOUND");
    return parsed?.data ?? {};
  }

  /** Throws `REQUEST_INVALID`, also for a member that comes twice or that the route does not know. */
  query({ query }: ApiRoute, request: HonoRequest): Record<string, unknown> {
    const sent = Object.entries(request.queries());
    const twice = sent.find(([, values]) => values.length > 1);
    if (twice) throw new ApiProblem("REQUEST_INVALID", { detail: `query.${twice[0].slice(0, 40)}: sent twice` });
    if (!query) return {};
    return parsed(query.strict(), Object.fromEntries(sent.map(([name, [value]]) => [name, value])), "query");
  }

  /**
   * Reads the body and passes it to `work`, also as it came. Throws `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `REQUEST_INVALID`, and
   * `UNAVAILABLE` when too many large ones come at once.
   */
  async body<T>(
    { body }: ApiRoute,
    request: HonoRequest,
    work: (body: unknown, bytes: Buffer) => Promise<T>,
  ): Promise<T> {
    if (!body) return work(undefined, Buffer.of());
    const mediaType = request.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (!mediaTypes(body).includes(mediaType)) {
      throw new ApiProblem("UNSUPPORTED_MEDIA_TYPE", { detail: `send ${mediaTypes(body).join(" or ")}` });
    }
    const maxSize = body.form === "json" ? (body.maxSize ?? jsonMaxSize) : body.maxSize;
    const announced = announcedSize(request, maxSize);
    if (body.form === "json") {
      const bytes = await readBody(request, maxSize);
      return work(parsed(body.shape, parseJson(bytes), "body"), bytes);
    }
    return this.#withMemory(announced, async () => {
      const bytes = await readBody(request, maxSize);
      return work({ mediaType, bytes }, bytes);
    });
  }

  async #withMemory<T>(size: number, work: () => Promise<T>): Promise<T> {
    if (this.#bytes + size > maxBytesAtOnce) throw new ApiProblem("UNAVAILABLE", { retryAfter: 1 });
    this.#bytes += size;
    try {
      return await work();
    } finally {
      this.#bytes -= size;
    }
  }
}

export function mediaTypes(body: Body): readonly string[] {
  return body.form === "json" ? ["application/json"] : body.mediaTypes;
}

/** node:http ends a body at the length that was announced. */
function announcedSize(request: HonoRequest, maxSize: number): number {
  const announced = Number(request.header("content-length") ?? maxSize);
  if (announced > maxSize) throw new ApiProblem("PAYLOAD_TOO_LARGE", { detail: `at most ${maxSize} bytes` });
  return announced;
}

/** Where it is wrong, never what it says. */
function parsed<Shape extends z.ZodType>(shape: Shape, value: unknown, place: "query" | "body"): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ApiProblem("REQUEST_INVALID", { detail: `${[place, ...(issue?.path ?? [])].join(".")}: ${issue?.code}` });
}

/** Undefined, which no document is, if it is not JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
