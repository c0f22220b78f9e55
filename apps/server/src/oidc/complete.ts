import type Provider from "oidc-provider";
import { ApiProblem } from "../http/problem.ts";
import type { Platform } from "../platform.ts";
import { type Approved, cancelRequest, readRequest, takeApproved } from "../request/engine.ts";
import type { Request } from "../request/request.ts";
import { RequestError } from "../request/request-error.ts";
import { toParameters } from "./asked.ts";
import { saveGrant, toLogin } from "./grant.ts";
import { promptsMet } from "./interaction-policy.ts";
import type { Subjects } from "./subjects.ts";

export type Interaction = InstanceType<Provider["Interaction"]>;

const endedWithout = new Set(["declined", "expired", "cancelled", "failed"]);

/**
 * Ends an interaction with what the resident decided and returns where the browser goes on. Of parallel calls one takes
 * the approval; whoever comes when the result is there is sent the same way, and the provider lets one go on.
 * The caller has made sure that this browser began it. Throws `ApiProblem`.
 */
export async function completeInteraction(
  platform: Platform,
  { provider, subjects }: { provider: Provider; subjects: Subjects },
  interaction: Interaction,
  secret: { returnSecret?: string },
): Promise<string> {
  if (interaction.result) return interaction.returnTo;
  let approved: Approved;
  try {
    approved = await takeApproved(platform, interaction.uid, secret);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const request = await readRequest(platform, interaction.uid);
    if (request && endedWithout.has(request.state)) return endWithout(interaction, endOf(request));
    // Another call, perhaps in another process, was first and may have its result there by now.
    const current = await provider.Interaction.find(interaction.uid);
    if (current?.result) return current.returnTo;
    throw toApiProblem(error);
  }
  const { accountId } = approved;
  const client = await provider.Client.find(String(interaction.params.client_id));
  if (!client) throw new ApiProblem("NOT_FOUND");
  const [{ jti: grantId }] = await Promise.all([
    saveGrant(platform, provider, {
      requestId: interaction.uid,
      clientId: client.clientId,
      approved,
      parameters: toParameters(interaction.params),
    }),
    subjects.remember(client, accountId),
  ]);
  interaction.result = {
    login: { accountId, ...toLogin(approved), remember: false },
    consent: { grantId },
    ...promptsMet,
  };
  await interaction.persist();
  return interaction.returnTo;
}

/** Ends an interaction that the resident gave up in the browser, or that has ended otherwise without an approval. */
export async function cancelInteraction(platform: Platform, interaction: Interaction): Promise<string> {
  if (interaction.result) return interaction.returnTo;
  try {
    await cancelRequest(platform, interaction.uid);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const request = await readRequest(platform, interaction.uid);
    if (request && !endedWithout.has(request.state)) throw toApiProblem(error);
    if (request) return endWithout(interaction, endOf(request));
  }
  return endWithout(interaction, "cancelled");
}

/** The relying party insists on somebody else than the one who approved, or on what we do not have. */
export async function refuseInteraction(interaction: Interaction): Promise<string> {
  return endWithout(interaction, "not what was asked for");
}

/** Nobody is asked: the relying party has to mend something first. */
export async function returnMistake(interaction: Interaction, description: string): Promise<string> {
  interaction.result = { error: "invalid_request", error_description: description };
  await interaction.persist();
  return interaction.returnTo;
}

/** The relying party wants a person whom we do not know, or two. */
export async function refuseNobody(interaction: Interaction): Promise<string> {
  interaction.result = { error: "login_required", error_description: "nobody is the person who is wanted" };
  await interaction.persist();
  return interaction.returnTo;
}

async function endWithout(interaction: Interaction, why: string): Promise<string> {
  interaction.result =
    why === "identity_changed"
      ? // OpenID Connect Core Error Code unmet_authentication_requirements 1.0: nothing but the card helps.
        {
          error: "unmet_authentication_requirements",
          error_description: "identity_changed: the person must read their card again, then sign in anew",
        }
      : { error: "access_denied", error_description: `the request is ${why}` };
  await interaction.persist();
  return interaction.returnTo;
}

function endOf({ state, failureCode }: Request): string {
  return failureCode === "IDENTITY_CHANGED" ? "identity_changed" : state;
}

function toApiProblem(error: RequestError): ApiProblem {
  switch (error.code) {
    case "NOT_FOUND":
      return new ApiProblem("NOT_FOUND", { cause: error });
    case "EXPIRED":
      return new ApiProblem("REQUEST_EXPIRED", { cause: error });
    case "WRONG_SECRET":
      return new ApiProblem("RETURN_SECRET_WRONG", { cause: error });
    default:
      return new ApiProblem("REQUEST_WRONG_STATE", { cause: error });
  }
}
