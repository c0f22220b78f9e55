import { deleteEndpoint } from "../../events/endpoints.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { EndpointId } from "./own-endpoint.ts";

export const deleteWebhookEndpoint = defineRoute({
  method: "delete",
  path: "/webhook-endpoints/{id}",
  access: { client: "webhooks" },
  name: "deleteWebhookEndpoint",
  summary: { ja: "通知先の削除", en: "Delete an endpoint" },
  description: {
    ja: "通知先を、配信の記録とともに削除します。",
    en: "Deletes an endpoint with its deliveries.",
  },
  parameters: EndpointId,
  answer: null,
  async serve(platform, { caller: { clientId }, parameters: { id } }) {
    if (!(await deleteEndpoint(platform, clientId, id))) throw new ApiProblem("NOT_FOUND");
    return undefined;
  },
});
