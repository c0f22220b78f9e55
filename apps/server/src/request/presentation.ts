import { credentialType, type RequestDisplay } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import type { Request } from "./request.ts";
import { RequestError } from "./request-error.ts";
import { requireEnvelope } from "./require-envelope.ts";

/**
 * The presentation that goes end to end, sealed once more for its way through the database; null where nothing does.
 * Throws `RequestError` where there is none, another one, or one that nobody asked for.
 */
export function sealPresentation(
  { sealer }: Pick<Platform, "sealer">,
  { requestId, delivery }: Pick<RequestDisplay, "requestId" | "delivery">,
  { presentation, digest }: { presentation: string | undefined; digest: string | undefined },
): Buffer | null {
  if (!delivery) {
    if (presentation === undefined && digest === undefined) return null;
    throw new RequestError("ENVELOPE_INVALID", "nothing goes end to end here");
  }
  const { kid } = delivery.recipient.key;
  const envelope = requireEnvelope(presentation, { kid, contentType: credentialType, digest });
  return sealer.seal(context(requestId), envelope);
}

/** Null before the approval, and where nothing goes end to end. */
export function openPresentation(
  { sealer }: Pick<Platform, "sealer">,
  { requestId, presentationSealed }: Pick<Request, "requestId" | "presentationSealed">,
): string | null {
  return presentationSealed && sealer.open(context(requestId), presentationSealed).toString("utf8");
}

function context(requestId: string): string {
  return `requests.presentation_sealed:${requestId}`;
}
