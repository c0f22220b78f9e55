import { IdentityRefreshDetail, identityRefreshType } from "@xid/protocol";
import type { DetailType } from "./detail-type.ts";
import { parseDetail } from "./parse-detail.ts";

/** 本人確認情報更新: the person is to read their card again. */
export const identityRefreshDetail: DetailType = {
  type: identityRefreshType,
  kind: "identity_refresh",
  purpose: { ja: "本人確認情報の更新", en: "Bring your verified data up to date" },
  assert(_platform, _client, detail) {
    parseDetail(identityRefreshType, IdentityRefreshDetail, detail);
  },
  toAsked: (_platform, common) => ({ asked: { kind: "identity_refresh", ...common } }),
};
