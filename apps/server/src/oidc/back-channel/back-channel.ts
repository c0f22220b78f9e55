import { ProtocolError, RequestMessage } from "@xid/protocol";
import { type Account, type CIBAConfiguration, type Client, errors, type KoaContextWithOIDC } from "oidc-provider";
import type { Platform } from "../../platform.ts";
import { addressRequest } from "../../request/address.ts";
import { RequestError } from "../../request/request-error.ts";
import { toAsked, toParameters } from "../asked.ts";
import type { Subjects } from "../subjects.ts";
import { announceResult } from "./announcements.ts";
import { lifetimeOf } from "./lifetime.ts";
import { requestIdOf } from "./request-id.ts";

/** Seconds between two questions of a client that polls. */
export const pollInterval = 2;

/**
 * OpenID Connect Client-Initiated Backchannel Authentication 1.0, poll and ping: a request goes to a person who is linked with
 * the client already, named by their subject there (`login_hint`) or by an ID token of theirs (`id_token_hint`).
 */
export function backChannel(platform: Platform, subjects: Subjects): CIBAConfiguration {
  return {
    enabled: true,
    deliveryModes: ["poll", "ping"],
    processLoginHint: (context, hint) => findPerson(subjects, context, hint ?? ""),
    processLoginHintToken() {
      throw new errors.InvalidRequest("login_hint_token is not supported");
    },
    verifyUserCode(_context, _account, userCode) {
      if (userCode !== undefined) throw new errors.InvalidRequest("there are no user codes");
    },
    validateRequestContext(_context, requestContext) {
      if (requestContext !== undefined) throw new errors.InvalidRequest("request_context is not supported");
    },
    validateBindingMessage(_context, message) {
      const parsed = RequestMessage.optional().safeParse(message);
      if (!parsed.success)
        throw new errors.InvalidBindingMessage("binding_message is one line of at most 200 characters");
    },
    triggerAuthenticationDevice: (context, request, account, client) =>
      sendToPerson(platform, context, { request, account, client }),
  };
}

/** The account that a subject of this client leads to, while its person is linked with it. */
async function findPerson(
  subjects: Subjects,
  { oidc }: KoaContextWithOIDC,
  subject: string,
): Promise<string | undefined> {
  return oidc.client && subject.length <= 255 ? subjects.findLinked(oidc.client, subject) : undefined;
}

/** As `findAccount` has it: a subject where an ID token named the person, else an account. */
export async function accountOfHint(
  subjects: Subjects,
  context: KoaContextWithOIDC,
  id: string,
): Promise<string | undefined> {
  const isHint = context.oidc.route === "backchannel_authentication" && context.oidc.entities.IdTokenHint !== undefined;
  return isHint ? findPerson(subjects, context, id) : id;
}

type Sending = {
  request: InstanceType<KoaContextWithOIDC["oidc"]["provider"]["BackchannelAuthenticationRequest"]>;
  account: Account;
  client: Client;
};

async function sendToPerson(
  platform: Platform,
  context: KoaContextWithOIDC,
  { request, account, client }: Sending,
): Promise<void> {
  const parameters = request.params as Record<string, string | undefined>;
  const requestId = requestIdOf(request.jti);
  try {
    await announceResult(platform, { requestId, client, authReqId: request.jti, parameters });
    await addressRequest(platform, {
      requestId,
      clientId: client.clientId,
      accountId: account.accountId,
      message: parameters.binding_message ?? null,
      lifetime: lifetimeOf(platform, parameters.requested_expiry),
      ...(await toAsked(platform, client, toParameters(parameters, client.redirectUris?.[0]))),
    });
  } catch (error) {
    await request.destroy();
    if (error instanceof ProtocolError) throw new errors.InvalidRequest(`jwks_uri: ${error.message}`);
    throw error instanceof RequestError ? refusalOf(error) : error;
  }
  Object.assign(context.body as object, { interval: pollInterval });
}

/** CIBA Core 1.0 §13: `access_denied` is a 403. */
function refusalOf(error: RequestError): errors.OIDCProviderError {
  switch (error.code) {
    case "NOT_LINKED":
      return new errors.UnknownUserId("could not identify end-user");
    case "BLOCKED":
      return denied("the person takes no requests of this client that they have not begun");
    case "TOO_MANY":
      return denied(error.message);
    default:
      return new errors.InvalidRequest(error.message);
  }
}

function denied(why: string): errors.OIDCProviderError {
  const error = new errors.AccessDenied(why);
  error.status = 403;
  error.statusCode = 403;
  return error;
}
