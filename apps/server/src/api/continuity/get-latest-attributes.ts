import { z } from "@hono/zod-openapi";
import { LatestAttributes, Subject } from "@xid/protocol";
import { readLatestAttributes } from "../../attributes/latest-attributes.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { askingJlis, linkedAccount } from "./linked-account.ts";
import { presentItems } from "./present-items.ts";

/** 最新基本4情報: what the person lets the relying party have, as it is now. */
export const getLatestAttributes = defineRoute({
  method: "get",
  path: "/identities/{sub}/attributes",
  access: { client: "attributes" },
  name: "getLatestAttributes",
  summary: { ja: "最新の基本4情報", en: "A person's latest attributes" },
  description: {
    ja: "継続提供(`latest_attributes`)に同意した方の、同意した項目の最新の値を返します。`purpose`(取得の目的、200文字まで)は記録され、ご本人がアプリで確認できます。",
    en: "The latest values of the items that the person agreed to (`latest_attributes`). `purpose`, why they are read (at most 200 characters), is recorded, and the person sees it in the app.",
  },
  parameters: z.object({ sub: Subject }),
  query: z.object({
    purpose: z
      .string()
      .min(1)
      .max(200)
      .refine((text) => !/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u.test(text) && text.trim() !== ""),
  }),
  answer: LatestAttributes,
  problems: ["CONSENT_MISSING", "JLIS_UNAVAILABLE"],
  async serve(platform, { caller, parameters: { sub }, query: { purpose } }) {
    const accountId = await linkedAccount(caller, sub);
    const of = { accountId, clientId: caller.clientId, purpose };
    const latest = await askingJlis(readLatestAttributes(platform, of));
    if (!latest) throw new ApiProblem("CONSENT_MISSING");
    const { attributes, items, version, source, verifiedAt, checkedAt, consentUntil } = latest;
    const now = await platform.jpki.now();
    return {
      sub,
      attributes: presentItems(attributes, items, now),
      version,
      source,
      verifiedAt: verifiedAt.toISOString(),
      checkedAt: checkedAt.toISOString(),
      consentUntil: consentUntil.toISOString(),
    };
  },
});
