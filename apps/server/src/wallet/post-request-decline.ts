import { declineRequest } from "../request/decline.ts";
import { device, type Endpoint, pathPart, requestIdForm } from "./endpoint.ts";

/** The person does not want it: `RequestDecision`. */
export const postRequestDecline: Endpoint = async (platform, call) =>
  call.json(await declineRequest(platform, device(call), pathPart(call, "id", requestIdForm)));
