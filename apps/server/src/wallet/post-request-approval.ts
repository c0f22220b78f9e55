import { RequestApproval } from "@xid/protocol";
import { approveRequest } from "../request/approve.ts";
import { device, type Endpoint, message, pathPart, requestIdForm } from "./endpoint.ts";

/** The person lets it happen: `RequestApproval` → `RequestDecision`. */
export const postRequestApproval: Endpoint = async (platform, call) => {
  const approval = message(call, RequestApproval);
  return call.json(await approveRequest(platform, device(call), pathPart(call, "id", requestIdForm), approval));
};
