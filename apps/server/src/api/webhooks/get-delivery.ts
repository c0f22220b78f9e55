import { z } from "@hono/zod-openapi";
import { WebhookDelivery } from "@xid/protocol";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { presentDelivery } from "./present-delivery.ts";

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

export const getWebhookDelivery = defineRoute({
  method: "get",
  path: "/webhook-deliveries/{id}",
  access: { client: "webhooks" },
  name: "getWebhookDelivery",
  summary: { ja: "1件の配信", en: "A delivery" },
  description: {
    ja: "1件の配信の状態と、試みごとの時刻・結果です。",
    en: "What became of one delivery, with time and outcome of each attempt.",
  },
  parameters: z.object({ id: z.string().regex(new RegExp(`^${uuid}\\.${uuid}$`)) }),
  answer: WebhookDelivery,
  async serve(platform, { caller: { clientId }, parameters: { id } }) {
    const [eventId = "", endpointId = ""] = id.split(".");
    const row = await platform.database
      .selectFrom("deliveries as d")
      .innerJoin("events as e", (join) =>
        join.onRef("e.client_id", "=", "d.client_id").onRef("e.event_id", "=", "d.event_id"),
      )
      .selectAll("d")
      .select("e.type")
      .where("d.client_id", "=", clientId)
      .where("d.event_id", "=", eventId)
      .where("d.endpoint_id", "=", endpointId)
      .executeTakeFirst();
    if (!row) throw new ApiProblem("NOT_FOUND");
    return presentDelivery(row);
  },
});
