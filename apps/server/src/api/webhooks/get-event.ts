import { z } from "@hono/zod-openapi";
import { XidEvent } from "@xid/protocol";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { presentEvent } from "./present-event.ts";

export const getEvent = defineRoute({
  method: "get",
  path: "/events/{id}",
  access: { client: "webhooks" },
  name: "getEvent",
  summary: { ja: "イベント", en: "An event" },
  description: {
    ja: "Webhookの本文と同じものです。依頼のイベントでは、その時点の結果を `request` に含みます。",
    en: "The same object that a webhook carries. Of a request it holds the result as it is now.",
  },
  parameters: z.object({ id: z.uuid() }),
  answer: XidEvent,
  async serve(platform, { caller, parameters: { id } }) {
    const row = await platform.database
      .selectFrom("events")
      .selectAll()
      .where("client_id", "=", caller.clientId)
      .where("event_id", "=", id)
      .executeTakeFirst();
    if (!row) throw new ApiProblem("NOT_FOUND");
    return presentEvent(platform, caller, row);
  },
});
