import { z } from "@hono/zod-openapi";
import { sendTest } from "../../events/endpoints.ts";
import { defineRoute } from "../route.ts";
import { EndpointId, ownEndpoint } from "./own-endpoint.ts";

export const postTestEvent = defineRoute({
  method: "post",
  path: "/webhook-endpoints/{id}/test-events",
  access: { client: "webhooks" },
  name: "sendTestEvent",
  summary: { ja: "試しの通知", en: "Send a test event" },
  description: {
    ja: "`webhook.test` を、この通知先へだけ送ります。届いたかどうかは配信の記録でわかります。",
    en: "Sends `webhook.test` to this endpoint alone. The delivery says whether it arrived.",
  },
  parameters: EndpointId,
  body: { form: "json", shape: z.strictObject({}) },
  answer: z.object({ eventId: z.uuid(), deliveryId: z.string() }),
  status: 202,
  creates: true,
  async serve(platform, { caller: { clientId }, parameters, id: eventId }) {
    const endpoint = await ownEndpoint(platform, clientId, parameters.id);
    await sendTest(platform, endpoint, eventId);
    return { eventId, deliveryId: `${eventId}.${endpoint.endpoint_id}` };
  },
});
