import { z } from "@hono/zod-openapi";
import { type RawBuilder, sql } from "kysely";

/** Where a list by time is gone on with, and how much of it is wanted at most. */
export const TimePage = z.object({
  after: z
    .string()
    .regex(/^\d{1,15}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/)
    .default("50"),
});

export function cursorOf({ created_at, event_id }: { created_at: Date; event_id: string }): string {
  return `${created_at.getTime()}_${event_id}`;
}

/** The rows behind a cursor, in the order that it was made in. */
export function behind(cursor: string | undefined, order: "oldest" | "newest"): RawBuilder<boolean> {
  if (cursor === undefined) return sql`true`;
  const [time, id] = cursor.split("_");
  const place = sql`(${new Date(Number(time))}::timestamptz, ${id}::uuid)`;
  return order === "oldest" ? sql`(created_at, event_id) > ${place}` : sql`(created_at, event_id) < ${place}`;
}
