import { AttributeChanges } from "@xid/protocol";
import { readAttributeChanges } from "../../attributes/attribute-changes.ts";
import { defineRoute } from "../route.ts";
import { Page } from "./page.ts";
import { presentItems } from "./present-items.ts";

/** Whose attributes have changed, in order and for good. */
export const getAttributeChanges = defineRoute({
  method: "get",
  path: "/attribute-changes",
  access: { client: "attributes" },
  name: "getAttributeChanges",
  summary: { ja: "基本4情報の変更一覧", en: "Whose attributes have changed" },
  description: {
    ja: "継続提供に同意した方の変更を、起きた順に`limit`件(既定100、最大1000)ずつ返します。`next`を保存し、次回の`after`に渡してください。`after`より前に、後から変更が加わることはありません。同意のある項目だけを含み、撤回した方の変更は含みません。",
    en: "Changes of the people who agreed to it, in order, `limit` (100, at most 1000) at a time. Keep `next` and give it as the next `after`: nothing ever comes in before it. Only items that were agreed to are in it, and nothing of people who have withdrawn.",
  },
  query: Page,
  answer: AttributeChanges,
  async serve(platform, { caller, query: { after, limit } }) {
    const { changes, next, more } = await readAttributeChanges(platform, caller.clientId, {
      after,
      limit: Number(limit),
    });
    const now = await platform.jpki.now();
    return {
      changes: changes.map(({ number, accountId, changes, attributes, items, version, source, verifiedAt }) => ({
        cursor: number,
        sub: caller.people.subjectOf(accountId),
        changes,
        attributes: presentItems(attributes, items, now),
        version,
        source,
        verifiedAt: verifiedAt.toISOString(),
      })),
      next,
      more,
    };
  },
});
