import type { z } from "zod";
import type { Platform } from "../platform.ts";
import type { Request } from "./request.ts";

type Parts = Pick<Platform, "sealer">;

/** What an approved request leaves for the relying party, beyond the decision: of each kind in its own shape. */
export function sealResult({ sealer }: Parts, requestId: string, result: object): Buffer {
  return sealer.seal(context(requestId), JSON.stringify(result));
}

/** Null for a request that has, or will have, none. */
export function openResult<T>(
  { sealer }: Parts,
  { requestId, resultSealed }: Pick<Request, "requestId" | "resultSealed">,
  shape: z.ZodType<T>,
): T | null {
  if (!resultSealed) return null;
  return shape.parse(JSON.parse(sealer.open(context(requestId), resultSealed).toString("utf8")));
}

function context(requestId: string): string {
  return `requests.result_sealed:${requestId}`;
}
