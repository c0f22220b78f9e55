import { z } from "@hono/zod-openapi";
import { type Selectable, sql } from "kysely";
import { securityEventClaims } from "../../events/security-event.ts";
import { ApiProblem } from "../../http/problem.ts";
import type { Platform } from "../../platform.ts";
import type { Tables } from "../../store/database.ts";
import { defineRoute } from "../route.ts";
import { EndpointId, ownEndpoint } from "./own-endpoint.ts";
import { presentEvent } from "./present-event.ts";

const mostAtOnce = 100;
const ids = z.array(z.uuid()).max(1000);

/** RFC 8936 section 2.2 to 2.4. It is always answered at once: `returnImmediately` changes nothing. */
export const postPoll = defineRoute({
  method: "post",
  path: "/webhook-endpoints/{id}/poll",
  access: { client: "webhooks" },
  name: "pollSecurityEvents",
  summary: { ja: "Security Event Tokenの受け取り", en: "Poll security event tokens" },
  description: {
    ja: "`set_poll` の通知先に待っているトークンを返します(RFC 8936)。`ack` で受け取りを、`setErrs` で受け取れなかったことを伝えると、次からは返しません。",
    en: "Gives the tokens that wait at a `set_poll` endpoint (RFC 8936). What is named in `ack`, or in `setErrs`, is not given again.",
  },
  parameters: EndpointId,
  body: {
    form: "json",
    shape: z.strictObject({
      maxEvents: z.int().min(0).max(1_000_000).default(mostAtOnce),
      returnImmediately: z.boolean().optional(),
      ack: ids.default([]),
      setErrs: z
        .record(z.uuid(), z.object({ err: z.string().max(100), description: z.string().max(1000).optional() }))
        .default({}),
    }),
    maxSize: 256 * 1024,
  },
  answer: z.object({ sets: z.record(z.string(), z.string()), moreAvailable: z.boolean() }),
  async serve(platform, { caller, parameters, body }) {
    const endpoint = await ownEndpoint(platform, caller.clientId, parameters.id);
    if (endpoint.form !== "set_poll") {
      throw new ApiProblem("REQUEST_INVALID", { detail: `the endpoint is a ${endpoint.form}` });
    }
    const refused = Object.entries(body.setErrs);
    await settle(platform, endpoint, body.ack, { state: "delivered", errors: body.ack.map(() => null) });
    const errors = refused.map(([, { err }]) => err);
    await settle(platform, endpoint, Object.keys(body.setErrs), { state: "failed", errors });
    if (endpoint.disabled_at !== null) return { sets: {}, moreAvailable: false };
    const count = Math.min(body.maxEvents, mostAtOnce);
    const { rows } = await sql<Selectable<Tables["events"]>>`
      SELECT e.* FROM deliveries d JOIN events e USING (client_id, event_id)
      WHERE d.client_id = ${caller.clientId} AND d.endpoint_id = ${endpoint.endpoint_id}::uuid AND d.state = 'pending'
      ORDER BY d.created_at, d.event_id LIMIT ${count + 1}`.execute(platform.database);
    const now = Math.floor(platform.clock() / 1000);
    const sets = rows.slice(0, count).map(async (row) => {
      const event = await presentEvent(platform, caller, row);
      const about = { issuer: platform.config.issuer, clientId: caller.clientId, now };
      return [event.id, await platform.signToken("secevent+jwt", securityEventClaims(event, about))] as const;
    });
    return { sets: Object.fromEntries(await Promise.all(sets)), moreAvailable: rows.length > count };
  },
});

async function settle(
  { database, clock }: Platform,
  { client_id, endpoint_id }: { client_id: string; endpoint_id: string },
  eventIds: string[],
  { state, errors }: { state: "delivered" | "failed"; errors: (string | null)[] },
): Promise<void> {
  if (eventIds.length === 0) return;
  const now = new Date(clock());
  await sql`
    UPDATE deliveries d SET state = ${state}, ended_at = ${now}, attempts = attempts || jsonb_build_array(
      jsonb_build_object('at', ${now.toISOString()}::text, 'duration', 0, 'status', NULL, 'error', n.error))
    FROM unnest(${eventIds}::uuid[], ${errors}::text[]) AS n (event_id, error)
    WHERE d.client_id = ${client_id} AND d.endpoint_id = ${endpoint_id}::uuid AND d.event_id = n.event_id
      AND d.state = 'pending'`.execute(database);
}
