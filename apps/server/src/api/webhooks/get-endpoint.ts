import { WebhookEndpoint } from "@xid/protocol";
import { defineRoute } from "../route.ts";
import { EndpointId, ownEndpoint } from "./own-endpoint.ts";
import { presentEndpoint } from "./present-endpoint.ts";

export const getWebhookEndpoint = defineRoute({
  method: "get",
  path: "/webhook-endpoints/{id}",
  access: { client: "webhooks" },
  name: "getWebhookEndpoint",
  summary: { ja: "通知先", en: "An endpoint" },
  description: {
    ja: "通知先の設定と、届かなくなってからの時刻です。",
    en: "How the endpoint is set, and since when nothing has arrived there.",
  },
  parameters: EndpointId,
  answer: WebhookEndpoint,
  async serve(platform, { caller: { clientId }, parameters: { id } }) {
    return presentEndpoint(await ownEndpoint(platform, clientId, id));
  },
});
