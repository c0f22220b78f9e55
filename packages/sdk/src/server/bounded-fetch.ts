import type { CustomFetch } from "openid-client";
import { XidError } from "./xid-error.ts";

/** An answer of the provider is a few kilobytes; a signed document at most some dozens. */
const maxAnswer = 1024 * 1024;

/** For openid-client: answers that are longer than any honest one are not read, and redirects not followed. */
export const boundedFetch: CustomFetch = async (url, options) => {
  const response = await fetch(url, { ...(options as RequestInit), redirect: "manual" });
  if (Number(response.headers.get("content-length") ?? 0) > maxAnswer) {
    await response.body?.cancel();
    throw tooLong();
  }
  if (!response.body) return response;
  let length = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        length += chunk.length;
        if (length > maxAnswer) controller.error(tooLong());
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted, { status, statusText, headers });
};

/** openid-client opens what is encrypted, and takes what is not: the same, but items must come encrypted. */
export function refusePlainUserInfo(userInfoEndpoint: string | undefined): CustomFetch {
  return async (url, options) => {
    const response = await boundedFetch(url, options);
    if (url !== userInfoEndpoint || !response.ok) return response;
    const text = await response.text();
    if (!isEncrypted(text)) throw new XidError("RESPONSE_INVALID", "UserInfo did not come encrypted");
    const { status, statusText, headers } = response;
    return new Response(text, { status, statusText, headers });
  };
}

/** JWE Compact Serialization has five parts (RFC 7516 §3.1). */
export function isEncrypted(jwt: string): boolean {
  return jwt.split(".").length === 5;
}

function tooLong(): XidError {
  return new XidError("RESPONSE_INVALID", "the provider's answer is too long");
}
