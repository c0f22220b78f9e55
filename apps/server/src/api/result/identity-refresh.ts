import { RefreshResult } from "../../request/act/identity-refresh.ts";
import { openResult } from "../../request/result.ts";
import type { PresentResult } from "./present-result.ts";

export const presentIdentityRefresh: PresentResult<"identity_refresh"> = (platform, request) => ({
  refreshedAt: openResult(platform, request, RefreshResult)?.refreshedAt ?? null,
});
