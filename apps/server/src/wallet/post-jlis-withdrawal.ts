import { JlisWithdrawal, type JlisWithdrawn } from "@xid/protocol";
import { withdrawJlisConsent } from "../continuity/withdraw-jlis-consent.ts";
import { device, type Endpoint, message } from "./endpoint.ts";

/** From now on J-LIS is not asked about the holder: `JlisWithdrawal` → `JlisWithdrawn`. */
export const postJlisWithdrawal: Endpoint = async (platform, call) => {
  const { signed } = message(call, JlisWithdrawal);
  const withdrawn = await withdrawJlisConsent(platform, device(call).accountId, signed);
  return call.json(withdrawn satisfies JlisWithdrawn);
};
