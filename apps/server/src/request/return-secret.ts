import { createHash, timingSafeEqual } from "node:crypto";
import type { Platform } from "../platform.ts";

/**
 * The secret that brings a same-device decision back to the browser session where it began. Derived under a key
 * outside the database, so that the same approval sent twice gets the same answer and the table holds only its hash.
 */
export function returnSecret({ sealer }: Pick<Platform, "sealer">, requestId: string): string {
  return sealer.lookup("requests.return_secret", requestId).toString("base64url");
}

export function returnSecretHash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Whether a browser's secret is that of this request; constant time. */
export function checkReturnSecret(
  platform: Pick<Platform, "sealer">,
  requestId: string,
  given: string,
): "right" | "wrong" {
  const expected = returnSecretHash(returnSecret(platform, requestId));
  return timingSafeEqual(returnSecretHash(given), expected) ? "right" : "wrong";
}

/** Where the app sends its own device's browser after a decision. The secret is in the fragment: no server logs it. */
export function returnAddress(platform: Pick<Platform, "sealer" | "config">, requestId: string): string {
  const { issuer } = platform.config;
  return `${issuer}/interaction/${encodeURIComponent(requestId)}/return#${returnSecret(platform, requestId)}`;
}
