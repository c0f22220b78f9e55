import type { HonoRequest } from "hono";
import { ApiProblem } from "./problem.ts";

/**
 * The body as sent, whether its length was announced or not. Throws `ApiProblem("PAYLOAD_TOO_LARGE")` as soon as it is
 * longer than `maxSize` bytes. Reads the stream: call it once per request.
 */
export async function readBody(request: HonoRequest, maxSize: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > maxSize) throw new ApiProblem("PAYLOAD_TOO_LARGE");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
