import { z } from "zod";
import { StoredCertificate, StoredStatus } from "../identity/stored-certificate.ts";
import type { Platform } from "../platform.ts";
import type { Request } from "./request.ts";

/** What a card signature leaves for the relying party. Who may have how much of it is the API's to know. */
export const CardSignatureResult = z.object({
  verifiedAt: z.iso.datetime(),
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  signature: z.base64(),
  /** The same as CMS SignedData, DER. */
  cms: z.base64(),
  certificate: StoredCertificate,
  status: StoredStatus,
});
export type CardSignatureResult = z.infer<typeof CardSignatureResult>;

type Parts = Pick<Platform, "sealer">;

export function sealResult({ sealer }: Parts, requestId: string, result: CardSignatureResult): Buffer {
  return sealer.seal(context(requestId), JSON.stringify(result));
}

/** Null for a request that has, or will have, none. */
export function openResult(
  { sealer }: Parts,
  { requestId, resultSealed }: Pick<Request, "requestId" | "resultSealed">,
): CardSignatureResult | null {
  if (!resultSealed) return null;
  return CardSignatureResult.parse(JSON.parse(sealer.open(context(requestId), resultSealed).toString("utf8")));
}

function context(requestId: string): string {
  return `requests.result_sealed:${requestId}`;
}
