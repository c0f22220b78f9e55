import { z } from "@hono/zod-openapi";
import { WebhookEndpoint } from "@xid/protocol";
import { listEndpoints } from "../../events/endpoints.ts";
import { defineRoute } from "../route.ts";
import { presentEndpoint } from "./present-endpoint.ts";

export const getWebhookEndpoints = defineRoute({
  method: "get",
  path: "/webhook-endpoints",
  access: { client: "webhooks" },
  name: "listWebhookEndpoints",
  summary: { ja: "通知先の一覧", en: "List endpoints" },
  description: { ja: "登録されている通知先です。", en: "All endpoints of the relying party." },
  answer: z.object({ endpoints: z.array(WebhookEndpoint) }),
  async serve(platform, { caller: { clientId } }) {
    return { endpoints: (await listEndpoints(platform, clientId)).map(presentEndpoint) };
  },
});
