import { z } from "@hono/zod-openapi";
import { IdentityCheck } from "@xid/protocol";
import { readIdentityCheck } from "../../continuity/identity-check.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { presentCheck } from "./present-check.ts";

/** How far a check of many people is. */
export const getIdentityCheck = defineRoute({
  method: "get",
  path: "/identity-checks/{id}",
  access: { client: "identities" },
  name: "getIdentityCheck",
  summary: { ja: "一括確認の進み具合", en: "How far a check of many people is" },
  description: {
    ja: "確認した人数と、終わったかどうかを返します。結果は7日間読めます。",
    en: "How many people have been checked, and whether it is done. The results can be read for seven days.",
  },
  parameters: z.object({ id: z.uuid() }),
  answer: IdentityCheck,
  async serve(platform, { caller, parameters: { id } }) {
    const check = await readIdentityCheck(platform, caller.clientId, id);
    if (!check) throw new ApiProblem("NOT_FOUND");
    return presentCheck(check);
  },
});
