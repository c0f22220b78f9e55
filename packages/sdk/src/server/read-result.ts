import { RequestResult } from "@xid/protocol";
import { fetchProtectedResource, type TokenEndpointResponse } from "openid-client";
import type { Connection } from "./client.ts";
import { XidError } from "./xid-error.ts";

/** The result of the request that the tokens came from (RFC 9396 section 7), which must be of this type. Throws `XidError`. */
export async function readResult(
  { configuration, dpop }: Connection,
  tokens: TokenEndpointResponse,
  type: string,
): Promise<RequestResult> {
  const requestId = tokens.authorization_details?.find((detail) => detail.type === type)?.request_id;
  if (typeof requestId !== "string") throw new XidError("RESPONSE_INVALID", "the tokens name no such request");
  const url = new URL(`/v1/requests/${encodeURIComponent(requestId)}`, configuration.serverMetadata().issuer);
  const response = await fetchProtectedResource(configuration, tokens.access_token, url, "GET", null, undefined, {
    DPoP: dpop,
  });
  const parsed = RequestResult.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) {
    throw new XidError("RESPONSE_INVALID", `the result came in an unknown form (${response.status})`);
  }
  if (parsed.data.requestId !== requestId) throw new XidError("RESPONSE_INVALID", "the result is of another request");
  return parsed.data;
}
