import { listLinkedServices } from "../consent/linked-services.ts";
import { device, type Endpoint } from "./endpoint.ts";

/** Which services may have something of the holder: `LinkedServices`. */
export const getServices: Endpoint = async (platform, call) =>
  call.json(await listLinkedServices(platform, device(call).accountId));
