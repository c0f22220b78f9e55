import { HandOverResult } from "../../request/act/my-number.ts";
import { readHandOver } from "../../request/hand-over.ts";
import { openResult } from "../../request/result.ts";
import type { PresentResult } from "./present-result.ts";

/** The receipt: nothing of the number is in it. */
export const presentMyNumber: PresentResult<"my_number"> = async (platform, request, { handOver }) => {
  const { purpose, lawVersion } = handOver;
  const result = openResult(platform, request, HandOverResult);
  if (!result) return { handOver: { purpose, lawVersion, state: "asked", envelopeDigest: null, collectedAt: null } };
  const { envelopeDigest } = result;
  const found = await readHandOver(platform, request.requestId);
  const collectedAt = found.state === "collected" ? found.collectedAt.toISOString() : null;
  return { handOver: { purpose, lawVersion, state: found.state, envelopeDigest, collectedAt } };
};
