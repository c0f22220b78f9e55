import { listActs } from "../evidence/history.ts";
import { ApiProblem } from "../http/problem.ts";
import { device, type Endpoint, uuidForm } from "./endpoint.ts";

/** What the holder did, newest first: `EvidenceHistory`. */
export const getEvidenceHistory: Endpoint = async (platform, call) => {
  const before = call.req.query("before");
  if (before !== undefined && !uuidForm.test(before)) throw new ApiProblem("MALFORMED", { detail: "before" });
  return call.json(await listActs(platform, device(call).accountId, before));
};
