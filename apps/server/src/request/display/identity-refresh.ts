import type { RequestDisplay } from "@xid/protocol";
import { displayContext } from "./display-context.ts";
import type { Present } from "./present-request.ts";

/** Since when the card is wanted (the first look at the request), and whether it has been read since. */
export const presentIdentityRefresh: Present<"identity_refresh"> = ({ sealer }, { request, account, now }) => {
  const { requestId, displaySealed } = request;
  const before = displaySealed
    ? (JSON.parse(sealer.open(displayContext(requestId), displaySealed).toString("utf8")) as RequestDisplay)
    : undefined;
  const since = before?.kind === "identity_refresh" ? before.refresh.since : Math.floor(now);
  return { refresh: { since, cardRead: account.certificate.linkedAt.getTime() >= since } };
};
