import { z } from "@hono/zod-openapi";
import { IdentityStatus, Subject } from "@xid/protocol";
import { refreshIdentities } from "../../continuity/refresh-identities.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { askingJlis, linkedAccount } from "./linked-account.ts";
import { presentStatus } from "./present-status.ts";

/** 本人確認情報更新: whether what was verified of a person still holds. */
export const getIdentity = defineRoute({
  method: "get",
  path: "/identities/{sub}",
  access: { client: "identities" },
  name: "getIdentity",
  summary: { ja: "本人確認情報の状態", en: "Whether a person's verified data still hold" },
  description: {
    ja: "本人が最後にカードを読み取ってから、電子証明書が失効していないか(引っ越し・氏名変更・更新・紛失など)をJ-LISに確かめて返します。理由は、法令上署名検証者として登録されたサービスにのみ示します。`checkedAt`の時点までの変化が反映されています。",
    en: "Whether the person's certificate still stands since they last read their card (a move, a new name, a renewal, a lost card …), by asking J-LIS. The reason is told only to relying parties that are registered as verifiers of signatures under the law. Whatever changed until `checkedAt` is in it.",
  },
  parameters: z.object({ sub: Subject }),
  answer: IdentityStatus,
  problems: ["JLIS_UNAVAILABLE"],
  async serve(platform, { caller, parameters: { sub } }) {
    const accountId = await linkedAccount(caller, sub);
    const status = (await askingJlis(refreshIdentities(platform, [accountId]))).get(accountId);
    if (!status) throw new ApiProblem("NOT_FOUND");
    return presentStatus(caller, accountId, status);
  },
});
