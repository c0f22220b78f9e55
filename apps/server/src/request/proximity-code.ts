import { createHmac, timingSafeEqual } from "node:crypto";

/** How long a code is good after the second for which it was made. */
export const proximityWindow = 3;

/** 96 bits: 16 characters of base64url, short enough for a QR code that a camera reads at once. */
const codeLength = 12;

type HasProximitySecret = { requestId: string; proximitySecret: Uint8Array };

/**
 * The code that stands in this request's QR code during one second: HMAC-SHA-256 under the request's own secret.
 * @param now milliseconds since 1970
 */
export function proximityCode(request: HasProximitySecret, now: number): string {
  return codeOfSecond(request, Math.floor(now / 1000)).toString("base64url");
}

/** Whether a code was on the screen within the last three whole seconds. Constant time per code; says nothing else. */
export function checkProximityCode(request: HasProximitySecret, code: string, now: number): "current" | "wrong" {
  const given = Buffer.from(code, "base64url");
  // node decodes more spellings than one.
  if (given.length !== codeLength || given.toString("base64url") !== code) return "wrong";
  const second = Math.floor(now / 1000);
  let matches = 0;
  for (let age = 0; age <= proximityWindow; age++) {
    matches |= Number(timingSafeEqual(given, codeOfSecond(request, second - age)));
  }
  return matches ? "current" : "wrong";
}

function codeOfSecond({ requestId, proximitySecret }: HasProximitySecret, second: number): Buffer {
  return createHmac("sha256", proximitySecret)
    .update(`xid-proximity-v1\0${requestId}\0${second}`)
    .digest()
    .subarray(0, codeLength);
}
