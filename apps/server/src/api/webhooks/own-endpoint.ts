import { z } from "@hono/zod-openapi";
import { type Endpoint, findEndpoint } from "../../events/endpoints.ts";
import { ApiProblem } from "../../http/problem.ts";
import type { Platform } from "../../platform.ts";

export const EndpointId = z.object({ id: z.uuid() });

/** Throws `NOT_FOUND`. */
export async function ownEndpoint(platform: Platform, clientId: string, id: string): Promise<Endpoint> {
  const endpoint = await findEndpoint(platform, clientId, id);
  if (!endpoint) throw new ApiProblem("NOT_FOUND");
  return endpoint;
}
