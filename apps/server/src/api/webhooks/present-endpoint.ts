import type { WebhookEndpoint, WebhookEndpointWithSecret } from "@xid/protocol";
import { publicKeyOf, secretOf } from "../../events/endpoint-keys.ts";
import type { Endpoint } from "../../events/endpoints.ts";

export function presentEndpoint(endpoint: Endpoint): WebhookEndpoint {
  const { endpoint_id, form, url, event_types, description, keys, created_at } = endpoint;
  return {
    id: endpoint_id,
    form,
    url,
    events: event_types,
    description,
    signature: keys[0]?.signature ?? null,
    publicKeys: keys.filter(({ signature }) => signature === "v1a").map(publicKeyOf),
    enabled: endpoint.disabled_at === null,
    disabledBecause: endpoint.disabled_because,
    failingSince: endpoint.failing_since?.toISOString() ?? null,
    createdAt: created_at.toISOString(),
  };
}

/** Only to who has just made the newest key. */
export function presentWithSecret(endpoint: Endpoint): WebhookEndpointWithSecret {
  const [newest] = endpoint.keys;
  return { ...presentEndpoint(endpoint), secret: newest ? secretOf(newest) : null };
}
