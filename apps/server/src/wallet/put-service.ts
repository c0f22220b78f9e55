import { ServiceSettings } from "@xid/protocol";
import { changeService } from "../consent/change-service.ts";
import { ApiProblem } from "../http/problem.ts";
import { clientIdForm, device, type Endpoint, message, pathPart } from "./endpoint.ts";

/** Whether a linked service may send requests: `ServiceSettings` → nothing. */
export const putService: Endpoint = async (platform, call) => {
  const settings = message(call, ServiceSettings);
  const service = { accountId: device(call).accountId, clientId: pathPart(call, "clientId", clientIdForm) };
  if ((await changeService(platform, service, settings)) === "not_linked") throw new ApiProblem("NOT_FOUND");
  return call.body(null, 204);
};
