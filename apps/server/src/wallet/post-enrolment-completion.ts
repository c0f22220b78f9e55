import { EnrolmentCompletion } from "@xid/protocol";
import { completeEnrolment } from "../identity/enrol.ts";
import { type Endpoint, message, pathPart, uuidForm } from "./endpoint.ts";

/** What the card and the new device have signed: `EnrolmentCompletion` → `EnrolmentResult`. */
export const postEnrolmentCompletion: Endpoint = async (platform, call) => {
  const enrolmentId = pathPart(call, "id", uuidForm);
  const completion = message(call, EnrolmentCompletion);
  return call.json(await completeEnrolment(platform, call.var.caller, enrolmentId, completion));
};
