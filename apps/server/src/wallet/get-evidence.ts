import { exportEvidence } from "../evidence/export.ts";
import { ApiProblem } from "../http/problem.ts";
import { device, type Endpoint, pathPart, uuidForm } from "./endpoint.ts";

/** The evidence of one of the holder's acts, to keep: `EvidenceFile`. */
export const getEvidence: Endpoint = async (platform, call) => {
  const file = await exportEvidence(platform, device(call).accountId, pathPart(call, "id", uuidForm));
  if (!file) throw new ApiProblem("NOT_FOUND");
  return call.json(file);
};
