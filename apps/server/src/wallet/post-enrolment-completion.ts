import { EnrolmentCompletion } from "@xid/protocol";
import { completeEnrolment } from "../identity/enrol.ts";
import { type Endpoint, message, pathPart } from "./endpoint.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the card and the new device have signed: `EnrolmentCompletion` → `EnrolmentResult`. */
export const postEnrolmentCompletion: Endpoint = async (platform, call) => {
  const enrolmentId = pathPart(call, "id", uuid);
  const completion = message(call, EnrolmentCompletion);
  return call.json(await completeEnrolment(platform, call.var.caller, enrolmentId, completion));
};
