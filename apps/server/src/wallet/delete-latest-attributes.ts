import { withdrawContinuousConsent } from "../consent/continuous-consent.ts";
import { ApiProblem } from "../http/problem.ts";
import { clientIdForm, device, type Endpoint, pathPart } from "./endpoint.ts";

/** From now on this service is not told of changes any more; the link stays. */
export const deleteLatestAttributes: Endpoint = async (platform, call) => {
  const clientId = pathPart(call, "clientId", clientIdForm);
  if ((await withdrawContinuousConsent(platform, device(call).accountId, clientId)) === "none") {
    throw new ApiProblem("NOT_FOUND");
  }
  return call.body(null, 204);
};
