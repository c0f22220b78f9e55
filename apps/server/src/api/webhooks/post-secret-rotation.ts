import { SecretRotation, WebhookEndpointWithSecret } from "@xid/protocol";
import { rotateKey } from "../../events/endpoints.ts";
import { ApiProblem } from "../../http/problem.ts";
import { defineRoute } from "../route.ts";
import { EndpointId, ownEndpoint } from "./own-endpoint.ts";
import { presentWithSecret } from "./present-endpoint.ts";

export const postSecretRotation = defineRoute({
  method: "post",
  path: "/webhook-endpoints/{id}/secret-rotations",
  access: { client: "webhooks" },
  name: "rotateWebhookSecret",
  summary: { ja: "署名鍵の交換", en: "Rotate the secret" },
  description: {
    ja: "新しい署名鍵を作ります。`overlap` 秒のあいだは新旧両方の鍵で署名するので、受け取る側は止めずに切りかえられます。",
    en: "Makes a new key. For `overlap` seconds deliveries are signed with both, so that the receiver can change over without a gap.",
  },
  parameters: EndpointId,
  body: { form: "json", shape: SecretRotation },
  answer: WebhookEndpointWithSecret,
  status: 201,
  creates: true,
  async serve(platform, { caller: { clientId }, parameters: { id: endpointId }, body, id: rotationId }) {
    if ((await ownEndpoint(platform, clientId, endpointId)).form !== "webhook") {
      throw new ApiProblem("REQUEST_INVALID", { detail: "security event tokens are signed with the platform's key" });
    }
    const rotated = await rotateKey(platform, { clientId, endpointId, rotationId }, body.overlap);
    if (!rotated) throw new ApiProblem("NOT_FOUND");
    return presentWithSecret(rotated);
  },
});
