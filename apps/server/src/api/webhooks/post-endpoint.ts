import { WebhookEndpointCreation, WebhookEndpointWithSecret } from "@xid/protocol";
import { createEndpoint, maxEndpoints } from "../../events/endpoints.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { checkEndpointUrl } from "./endpoint-url.ts";
import { presentWithSecret } from "./present-endpoint.ts";

export const postWebhookEndpoint = defineRoute({
  method: "post",
  path: "/webhook-endpoints",
  access: { client: "webhooks" },
  name: "createWebhookEndpoint",
  summary: { ja: "通知先の登録", en: "Register an endpoint" },
  description: {
    ja: "イベントの通知先を登録します。`webhook` はStandard Webhooksの署名つきPOST、`set_push`・`set_poll` はSecurity Event Token(RFC 8935・RFC 8936)です。署名の秘密鍵 `secret` は、この応答でだけ返します。",
    en: "Registers where events go. `webhook`: a signed POST (Standard Webhooks); `set_push` and `set_poll`: security event tokens (RFC 8935, RFC 8936). The `secret` is told in this answer only.",
  },
  body: { form: "json", shape: WebhookEndpointCreation },
  answer: WebhookEndpointWithSecret,
  status: 201,
  creates: true,
  problems: ["TOO_MANY"],
  async serve(platform, { caller: { clientId }, body, id: endpointId }) {
    if (body.form !== "set_poll") checkEndpointUrl(platform.config, body.url);
    const endpoint = await createEndpoint(platform, { clientId, endpointId }, body);
    if (!endpoint) throw new ApiProblem("TOO_MANY", { detail: `at most ${maxEndpoints} endpoints` });
    return presentWithSecret(endpoint);
  },
});
