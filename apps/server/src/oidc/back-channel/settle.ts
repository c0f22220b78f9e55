import type Provider from "oidc-provider";
import type { Platform } from "../../platform.ts";
import { type Approved, readRequest, takeAddressed } from "../../request/engine.ts";
import { RequestError } from "../../request/request-error.ts";
import { toParameters } from "../asked.ts";
import { saveGrant, toLogin } from "../grant.ts";
import { requestIdOf } from "./request-id.ts";

type BackChannelRequest = InstanceType<Provider["BackchannelAuthenticationRequest"]>;

type Find = (
  this: unknown,
  id: string,
  options?: { ignoreExpiration?: boolean },
) => Promise<BackChannelRequest | undefined>;

/**
 * Lets the provider see, whenever it looks for a request of a client, what its person has decided by then. Nothing is
 * carried over when they decide, so nothing can be lost on the way; that the tokens are given once is the storage's care,
 * which consumes a request once.
 */
export function settleWhenFound(platform: Platform, provider: Provider): void {
  const { BackchannelAuthenticationRequest } = provider;
  const original = BackchannelAuthenticationRequest.find as Find;
  const findSettled: Find = async (id, options) => {
    const found = await original.call(BackchannelAuthenticationRequest, id, options);
    // What was consumed is known by its grant, which goes with everything that came of it if it is used again.
    if (found?.consumed) found.grantId = requestIdOf(found.jti);
    else if (found) await settle(platform, provider, found);
    return found;
  };
  Object.assign(BackchannelAuthenticationRequest, { find: findSettled });
}

async function settle(platform: Platform, provider: Provider, found: BackChannelRequest): Promise<void> {
  const requestId = requestIdOf(found.jti);
  const request = await readRequest(platform, requestId);
  switch (request?.state) {
    case "created":
    case "opened":
      return;
    case "approved":
    case "completed":
      return settleApproved(platform, provider, found, requestId);
    case "expired":
      Object.assign(found, { error: "expired_token", errorDescription: "the person did not answer in time" });
      return;
    default:
      Object.assign(found, deniedBecause(request?.state ?? "gone"));
  }
}

async function settleApproved(
  platform: Platform,
  provider: Provider,
  found: BackChannelRequest,
  requestId: string,
): Promise<void> {
  const client = found.clientId === undefined ? undefined : await provider.Client.find(found.clientId);
  if (!client) return;
  let approved: Approved;
  try {
    approved = await takeAddressed(platform, requestId);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    Object.assign(found, deniedBecause(error.message));
    return;
  }
  const grant = await saveGrant(platform, provider, {
    requestId,
    clientId: client.clientId,
    approved,
    parameters: toParameters(found.params ?? {}, client.redirectUris?.[0]),
  });
  const { acr, amr, ts } = toLogin(approved);
  Object.assign(found, { grantId: grant.jti, acr, amr, authTime: ts, rar: grant.rar });
}

function deniedBecause(state: string): { error: string; errorDescription: string } {
  return { error: "access_denied", errorDescription: `the request is ${state}` };
}
