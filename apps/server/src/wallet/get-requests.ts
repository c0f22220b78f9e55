import { listWaitingRequests } from "../request/waiting.ts";
import { device, type Endpoint } from "./endpoint.ts";

/** What services have sent to the device's holder: `WaitingRequests`. */
export const getRequests: Endpoint = async (platform, call) =>
  call.json(await listWaitingRequests(platform, device(call)));
