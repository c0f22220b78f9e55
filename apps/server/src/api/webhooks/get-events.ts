import { z } from "@hono/zod-openapi";
import { EventType, XidEvent } from "@xid/protocol";
import { type Selectable, sql } from "kysely";
import type { Tables } from "../../store/database.ts";
import { defineRoute } from "../route.ts";
import { presentEvent } from "./present-event.ts";
import { behind, cursorOf, TimePage } from "./time-cursor.ts";

export const getEvents = defineRoute({
  method: "get",
  path: "/events",
  access: { client: "webhooks" },
  name: "listEvents",
  summary: { ja: "イベントの一覧", en: "List events" },
  description: {
    ja: "通知先のどれかが受け取るイベントを、古い順に返します(30日間保管)。本文はWebhookと同じです。順序は保証しません: 時刻の近いものは前後することがあるので、続きは1分ほど重ねて読んでください。",
    en: "The events that some endpoint wants to know, oldest first, kept for 30 days; the same objects that webhooks carry. The order is not promised: go on reading with a minute's overlap.",
  },
  query: TimePage.extend({ since: z.iso.datetime().optional(), type: EventType.optional() }),
  answer: z.object({ events: z.array(XidEvent), next: z.string().nullable() }),
  async serve(platform, { caller, query: { since, type, after, limit } }) {
    const { rows } = await sql<Selectable<Tables["events"]>>`
      SELECT * FROM events WHERE client_id = ${caller.clientId} AND expires_at > ${new Date(platform.clock())}
        AND ${behind(after, "oldest")} AND created_at >= ${new Date(since ?? 0)}::timestamptz
        AND (${type ?? null}::text IS NULL OR type = ${type ?? null})
      ORDER BY created_at, event_id LIMIT ${Number(limit)}`.execute(platform.database);
    const last = rows.at(-1);
    return {
      events: await Promise.all(rows.map((row) => presentEvent(platform, caller, row))),
      next: rows.length === Number(limit) && last ? cursorOf(last) : null,
    };
  },
});
