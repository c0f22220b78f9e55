import { requireGoodStanding } from "../standing.ts";
import type { Act } from "./act.ts";

/** A person lets go of what they were shown: their certificate must stand. */
export const signInAct: Act<"sign_in"> = {
  async perform(platform, { account }) {
    const certificateStatus = await requireGoodStanding(platform, account);
    return { evidence: { certificate: account.certificate.stored, certificateStatus }, result: null };
  },
  repeats: () => true,
};
