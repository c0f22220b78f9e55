import { type MyNumberDetail, type MyNumberPurpose, myNumberPurposes, myNumberType } from "@xid/protocol";
import { fetchProtectedResource, randomNonce, type TokenEndpointResponse } from "openid-client";
import type { Connection } from "./client.ts";
import { parseWaitingHandOver, type ReceivedHandOver } from "./open-my-number.ts";
import { XidError } from "./xid-error.ts";

/** For which of the law's purposes a My Number is asked. */
export type MyNumberOrder = { purpose: MyNumberPurpose };

/** What of an order is remembered until its hand-over comes. */
export type MyNumberExpectation = MyNumberOrder & { nonce: string };

/** Throws a TypeError on a purpose that the law does not know. */
export function toMyNumberDetail({ purpose }: MyNumberOrder): { parameter: string; expected: MyNumberExpectation } {
  if (!(purpose in myNumberPurposes)) throw new TypeError(`there is no purpose ${purpose}`);
  const nonce = randomNonce();
  const detail: MyNumberDetail = { type: myNumberType, purpose, nonce };
  return { parameter: JSON.stringify([detail]), expected: { purpose, nonce } };
}

/** Picks up the envelope of the request that the tokens came from; it stays at the platform until `confirmHandOver`. */
export async function fetchHandOver(
  connection: Connection,
  tokens: TokenEndpointResponse,
  { purpose, nonce }: MyNumberExpectation,
): Promise<ReceivedHandOver> {
  // RFC 9396 section 7
  const requestId = tokens.authorization_details?.find(({ type }) => type === myNumberType)?.request_id;
  if (typeof requestId !== "string") throw new XidError("RESPONSE_INVALID", "the tokens name no hand-over");
  const response = await call(connection, tokens.access_token, requestId, "GET");
  const waiting = parseWaitingHandOver(await response.json().catch(() => undefined));
  const { clientId, requestId: answered, purpose: answeredPurpose } = waiting;
  const expected = connection.configuration.clientMetadata().client_id;
  if (clientId !== expected || answered !== requestId || answeredPurpose !== purpose) {
    throw new XidError("RESPONSE_INVALID", "the hand-over is of another request");
  }
  return { ...waiting, nonce };
}

/** Tells the platform that it is here: there it is deleted. Once more does no harm. */
export async function confirmHandOver(
  connection: Connection,
  accessToken: string,
  { requestId }: ReceivedHandOver,
): Promise<void> {
  await call(connection, accessToken, requestId, "DELETE");
}

async function call(
  { configuration, dpop }: Connection,
  accessToken: string,
  requestId: string,
  method: "GET" | "DELETE",
): Promise<Response> {
  const url = new URL(`/v1/requests/${encodeURIComponent(requestId)}/hand-over`, configuration.serverMetadata().issuer);
  const response = await fetchProtectedResource(configuration, accessToken, url, method, null, undefined, {
    DPoP: dpop,
  });
  if (response.status === 410) throw new XidError("EXPIRED", "the hand-over was not picked up in time, or was already");
  if (!response.ok) throw new XidError("RESPONSE_INVALID", `the platform answered ${response.status}`);
  return response;
}
