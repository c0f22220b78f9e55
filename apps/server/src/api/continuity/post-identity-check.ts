import { IdentityCheckOrder, StartedIdentityCheck } from "@xid/protocol";
import { startIdentityCheck } from "../../continuity/identity-check.ts";
import { defineRoute } from "../route.ts";
import { presentCheck } from "./present-check.ts";

/** Begins to check many people at once. */
export const postIdentityCheck = defineRoute({
  method: "post",
  path: "/identity-checks",
  access: { client: "identities" },
  name: "startIdentityCheck",
  summary: { ja: "本人確認情報の一括確認", en: "Check many people at once" },
  description: {
    ja: "指定した`sub`(最大5万件)、または`all`で現在連携中の全員について、状態の確認を始めます。進み具合は`GET /identity-checks/{id}`、結果は`…/results`で、確認中から順に読めます。連携していない`sub`は`notLinked`に返し、確認しません。",
    en: "Begins to check the people named by `sub` (at most 50,000) or, with `all`, everybody who is linked now. See how far it is at `GET /identity-checks/{id}`, and read the results at `…/results` while it runs. Who is not linked is named in `notLinked` and not checked.",
  },
  body: { form: "json", shape: IdentityCheckOrder, maxSize: 4 * 1024 * 1024 },
  answer: StartedIdentityCheck,
  status: 202,
  creates: true,
  async serve(platform, { caller, body, id: checkId }) {
    const subs = "subs" in body ? body.subs : [];
    const linked = await caller.people.findLinked(subs);
    const whom = "subs" in body ? { accountIds: [...linked.values()] } : "all";
    const check = await startIdentityCheck(platform, { clientId: caller.clientId, checkId }, whom);
    return { ...presentCheck(check), notLinked: subs.filter((sub) => !linked.has(sub)) };
  },
});
