import { WebhookEndpoint, WebhookEndpointChange } from "@xid/protocol";
import { changeEndpoint } from "../../events/endpoints.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { checkEndpointUrl } from "./endpoint-url.ts";
import { EndpointId, ownEndpoint } from "./own-endpoint.ts";
import { presentEndpoint } from "./present-endpoint.ts";

export const putWebhookEndpoint = defineRoute({
  method: "put",
  path: "/webhook-endpoints/{id}",
  access: { client: "webhooks" },
  name: "changeWebhookEndpoint",
  summary: { ja: "通知先の変更", en: "Change an endpoint" },
  description: {
    ja: "通知先・イベントの種類・説明・有効かどうかを置きかえます。有効に戻すと、待っていた通知を送ります。止まっているあいだのイベントは、再送(`replays`)で受け取れます。",
    en: "Replaces URL, event types, description and whether it is enabled. Enabled again, it is sent what was waiting; what happened while it was disabled comes by a replay.",
  },
  parameters: EndpointId,
  body: { form: "json", shape: WebhookEndpointChange },
  answer: WebhookEndpoint,
  async serve(platform, { caller: { clientId }, parameters: { id }, body }) {
    const { form } = await ownEndpoint(platform, clientId, id);
    if ((body.url === null) !== (form === "set_poll")) {
      throw new ApiProblem("REQUEST_INVALID", {
        detail: `body.url: ${form} has ${body.url === null ? "one" : "none"}`,
      });
    }
    if (body.url !== null) checkEndpointUrl(platform.config, body.url);
    const changed = await changeEndpoint(platform, clientId, id, body);
    if (!changed) throw new ApiProblem("NOT_FOUND");
    return presentEndpoint(changed);
  },
});
