import { z } from "@hono/zod-openapi";
import { Subject } from "@xid/protocol";
import { withdrawContinuousConsent } from "../../consent/continuous-consent.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { linkedAccount } from "./linked-account.ts";

/** The person told the relying party that they want no more of it. */
export const deleteContinuousConsent = defineRoute({
  method: "delete",
  path: "/identities/{sub}/continuous-consent",
  access: { client: "attributes" },
  name: "endContinuousConsent",
  summary: { ja: "継続提供の終了", en: "End the consent to be told of changes" },
  description: {
    ja: "ご本人がサービスに撤回を申し出たときなどに、継続提供への同意をただちに終わらせます。以後、変更の通知も取得もできません。ほかの連携はそのままです。",
    en: "Ends at once the consent to be told of changes, such as when the person withdrew it at the relying party. Nothing is told or given any more; the link itself stays.",
  },
  parameters: z.object({ sub: Subject }),
  answer: null,
  async serve(platform, { caller, parameters: { sub } }) {
    const accountId = await linkedAccount(caller, sub);
    if ((await withdrawContinuousConsent(platform, accountId, caller.clientId)) === "none") {
      throw new ApiProblem("NOT_FOUND");
    }
    return undefined;
  },
});
