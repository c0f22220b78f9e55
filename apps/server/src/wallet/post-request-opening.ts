import { RequestOpening } from "@xid/protocol";
import { openRequest } from "../request/open.ts";
import { device, type Endpoint, message, pathPart, requestIdForm } from "./endpoint.ts";

/** What a request asks for, to be shown: `RequestOpening` → `RequestDisplay`. */
export const postRequestOpening: Endpoint = async (platform, call) => {
  const opening = message(call, RequestOpening);
  return call.json(await openRequest(platform, device(call), pathPart(call, "id", requestIdForm), opening));
};
