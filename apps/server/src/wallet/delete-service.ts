import { unlinkService } from "../consent/unlink.ts";
import { ApiProblem } from "../http/problem.ts";
import { clientIdForm, device, type Endpoint, pathPart } from "./endpoint.ts";

/** From now on this service gets nothing more. */
export const deleteService: Endpoint = async (platform, call) => {
  const clientId = pathPart(call, "clientId", clientIdForm);
  if ((await unlinkService(platform, device(call).accountId, clientId)) === "not_linked") {
    throw new ApiProblem("NOT_FOUND");
  }
  return call.body(null, 204);
};
