import { z } from "@hono/zod-openapi";
import { type EventType, WebhookDelivery } from "@xid/protocol";
import { type Selectable, sql } from "kysely";
import type { Tables } from "../../store/database.ts";
import { defineRoute } from "../route.ts";
import { presentDelivery } from "./present-delivery.ts";
import { behind, cursorOf, TimePage } from "./time-cursor.ts";

export const getWebhookDeliveries = defineRoute({
  method: "get",
  path: "/webhook-deliveries",
  access: { client: "webhooks" },
  name: "listWebhookDeliveries",
  summary: { ja: "配信の記録", en: "List deliveries" },
  description: {
    ja: "配信の状態と、試みごとの時刻・結果を、新しい順に返します。",
    en: "What became of deliveries, with time and outcome of each attempt, newest first.",
  },
  query: TimePage.extend({
    endpoint: z.uuid().optional(),
    state: z.enum(["pending", "delivered", "failed"]).optional(),
  }),
  answer: z.object({ deliveries: z.array(WebhookDelivery), next: z.string().nullable() }),
  async serve(platform, { caller: { clientId }, query: { endpoint, state, after, limit } }) {
    const { rows } = await sql<Selectable<Tables["deliveries"]> & { type: EventType }>`
      SELECT d.*, e.type FROM (
        SELECT * FROM deliveries WHERE client_id = ${clientId} AND ${behind(after, "newest")}
          AND (${endpoint ?? null}::uuid IS NULL OR endpoint_id = ${endpoint ?? null}::uuid)
          AND (${state ?? null}::text IS NULL OR state = ${state ?? null})
        ORDER BY created_at DESC, event_id DESC LIMIT ${Number(limit)}
      ) d JOIN events e USING (client_id, event_id)
      ORDER BY d.created_at DESC, d.event_id DESC`.execute(platform.database);
    const last = rows.at(-1);
    return {
      deliveries: rows.map(presentDelivery),
      next: rows.length === Number(limit) && last ? cursorOf(last) : null,
    };
  },
});
