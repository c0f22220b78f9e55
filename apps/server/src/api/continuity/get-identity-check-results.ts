import { z } from "@hono/zod-openapi";
import { IdentityCheckResults } from "@xid/protocol";
import { readCheckResults, readIdentityCheck } from "../../continuity/identity-check.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { Page } from "./page.ts";
import { presentStatus } from "./present-status.ts";

/** What a check of many people has found. */
export const getIdentityCheckResults = defineRoute({
  method: "get",
  path: "/identity-checks/{id}/results",
  access: { client: "identities" },
  name: "getIdentityCheckResults",
  summary: { ja: "一括確認の結果", en: "What a check of many people found" },
  description: {
    ja: "結果を`limit`件(既定100、最大1000)ずつ返します。`next`を次の`after`に渡してください。確認中は、終わった分までを返します。その後連携を解除した方の結果は含みません。",
    en: "Results, `limit` (100, at most 1000) at a time; give `next` as the next `after`. While the check runs, as far as it is. Without people who have unlinked the relying party since.",
  },
  parameters: z.object({ id: z.uuid() }),
  query: Page,
  answer: IdentityCheckResults,
  async serve(platform, { caller, parameters: { id }, query: { after, limit } }) {
    const check = await readIdentityCheck(platform, caller.clientId, id);
    if (!check) throw new ApiProblem("NOT_FOUND");
    const { results, last } = await readCheckResults(platform, check, { after: Number(after), limit: Number(limit) });
    return {
      results: results.map((result) => presentStatus(caller, result.accountId, result)),
      next: check.state === "done" && last >= check.total ? null : String(last),
    };
  },
});
