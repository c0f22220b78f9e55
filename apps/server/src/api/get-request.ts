import { z } from "@hono/zod-openapi";
import { RequestResult } from "@xid/protocol";
import { ApiProblem } from "../http/problem.ts";
import { readRequest } from "../request/engine.ts";
import { presentResult } from "./result/present-result.ts";
import { defineRoute } from "./route.ts";

/** What became of a request: for the relying party that made it, with a token of the person who opened it or its own. */
export const getRequest = defineRoute({
  method: "get",
  path: "/requests/{id}",
  access: { person: "openid", client: "requests" },
  name: "getRequest",
  summary: { ja: "依頼の結果", en: "The result of a request" },
  description: {
    ja: "依頼の状態と、カードによる署名なら署名・検証結果・失効確認の回答を、端末の鍵による電子署名なら署名・証明書・検証結果を返します。その依頼をしたサービスが、署名した方のアクセストークンの有効なあいだ、またはサービス自身のトークン(`requests`)で取得できます。結果は依頼の有効期限から24時間で消えます。",
    en: "The state of a request and, for a signature by the card, the signature, what was verified and the revocation answer; for one by the device, the signature, its certificates and what was verified. For the relying party that made it, with an access token of the person who signed while it lives, or with its own (`requests`). The result is deleted 24 hours after the request's end.",
  },
  parameters: z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/) }),
  answer: RequestResult,
  async serve(platform, { caller, parameters: { id } }) {
    const request = await readRequest(platform, id);
    const isTheirs = caller.token === "client" || request?.accountId === caller.accountId;
    if (request?.clientId !== caller.clientId || !isTheirs) throw new ApiProblem("NOT_FOUND");
    return presentResult(platform, request, caller);
  },
});
