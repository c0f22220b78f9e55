import { startEnrolment } from "../identity/start-enrolment.ts";
import type { Endpoint } from "./endpoint.ts";

/** A new device begins: `EnrolmentStart`. */
export const postEnrolment: Endpoint = async (platform, call) =>
  call.json(await startEnrolment(platform, call.var.caller.keyThumbprint), 201);
