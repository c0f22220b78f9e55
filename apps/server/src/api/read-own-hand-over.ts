import { z } from "@hono/zod-openapi";
import type { PersonCaller } from "../http/caller.ts";
import { ApiProblem } from "../http/problem.ts";
import type { Platform } from "../platform.ts";
import { readRequest } from "../request/engine.ts";
import type { Request } from "../request/request.ts";
import type { Asked } from "../store/database.ts";

export const handOverPath = "/requests/{id}/hand-over";
export const handOverParameters = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/) });

export type HandOverRequest = Request & { asked: Extract<Asked, { kind: "my_number" }> };

/** The caller's own request for a My Number, once it was approved. Throws `NOT_FOUND` for everything else. */
export async function readOwnHandOver(platform: Platform, caller: PersonCaller, id: string): Promise<HandOverRequest> {
  const request = await readRequest(platform, id);
  const isTheirs = request?.clientId === caller.clientId && request.accountId === caller.accountId;
  if (!isTheirs || request.asked.kind !== "my_number" || !request.evidenceId) throw new ApiProblem("NOT_FOUND");
  return request as HandOverRequest;
}
