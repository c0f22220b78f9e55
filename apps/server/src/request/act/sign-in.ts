import { requireStanding } from "../standing.ts";
import type { Act } from "./act.ts";

/** A person lets go of what they were shown: their certificate must stand, or the client goes on although it has ended. */
export const signInAct: Act<"sign_in"> = {
  async perform(platform, { request, account }) {
    const { evidence: certificateStatus, changed } = await requireStanding(platform, request, account);
    return {
      evidence: {
        certificate: account.certificate.stored,
        certificateStatus,
        ...(changed && { identityChanged: changed }),
      },
      result: null,
    };
  },
  repeats: () => true,
};
