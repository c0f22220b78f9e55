import { z } from "zod";
import { RequestError } from "../request-error.ts";
import { requireGoodStanding } from "../standing.ts";
import type { Act } from "./act.ts";

export const RefreshResult = z.object({ refreshedAt: z.iso.datetime() });

/** The person has read their card since the request was opened: the account stands on what it said. */
export const identityRefreshAct: Act<"identity_refresh"> = {
  async perform(platform, { account, shown }) {
    if (!shown.refresh.cardRead) throw new RequestError("CARD_NOT_READ");
    const certificateStatus = await requireGoodStanding(platform, account, shown.level);
    const result: z.infer<typeof RefreshResult> = { refreshedAt: account.certificate.linkedAt.toISOString() };
    return { evidence: { certificate: account.certificate.stored, certificateStatus }, result };
  },
  repeats: () => true,
};
