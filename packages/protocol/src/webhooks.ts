import { z } from "zod";
import { DeliveryAttempt, EventType } from "./events.ts";

/**
 * How an endpoint is told: by POST of the event signed after the Standard Webhooks specification (`webhook`), by POST of a
 * security event token (`set_push`, RFC 8935), or by giving such tokens to whoever asks (`set_poll`, RFC 8936).
 */
export const WebhookForm = z.enum(["webhook", "set_push", "set_poll"]);

/** `v1`: HMAC-SHA-256 under a shared secret. `v1a`: Ed25519, of which the receiver needs the public key only. */
export const WebhookSignature = z.enum(["v1", "v1a"]);

const url = z.url({ protocol: /^https?$/ }).max(1024);
const events = z
  .array(EventType.exclude(["webhook.test"]))
  .min(1)
  .max(50)
  .refine((types) => new Set(types).size === types.length);
const description = z.string().max(200);

/** Body of `POST /v1/webhook-endpoints`. */
export const WebhookEndpointCreation = z.discriminatedUnion("form", [
  z.strictObject({
    form: z.literal("webhook"),
    url,
    events,
    description: description.default(""),
    signature: WebhookSignature.default("v1"),
  }),
  z.strictObject({ form: z.literal("set_push"), url, events, description: description.default("") }),
  z.strictObject({ form: z.literal("set_poll"), events, description: description.default("") }),
]);
export type WebhookEndpointCreation = z.infer<typeof WebhookEndpointCreation>;

/** Body of `PUT /v1/webhook-endpoints/{id}`: all that can be changed, as it is to be. */
export const WebhookEndpointChange = z.strictObject({
  /** Null for `set_poll`. */
  url: url.nullable(),
  events,
  description,
  enabled: z.boolean(),
});
export type WebhookEndpointChange = z.infer<typeof WebhookEndpointChange>;

export const WebhookEndpoint = z.object({
  id: z.uuid(),
  form: WebhookForm,
  url: z.string().nullable(),
  events: z.array(EventType),
  description: z.string(),
  /** Null for security event tokens, which the platform's own key signs (`jwks_uri`). */
  signature: WebhookSignature.nullable(),
  /** `whpk_…` of `v1a`: the one in use first, then one that may still have signed something. */
  publicKeys: z.array(z.string()),
  enabled: z.boolean(),
  disabledBecause: z.enum(["by_client", "failing", "gone"]).nullable(),
  /** Since when nothing has arrived. */
  failingSince: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>;

/** Answer to the creation of an endpoint, and to a new secret for it: the only time that the secret is told. */
export const WebhookEndpointWithSecret = WebhookEndpoint.extend({
  /** `whsec_…` of `v1`. */
  secret: z.string().nullable(),
});
export type WebhookEndpointWithSecret = z.infer<typeof WebhookEndpointWithSecret>;

/** Body of `POST /v1/webhook-endpoints/{id}/secret-rotations`. */
export const SecretRotation = z.strictObject({
  /** Seconds in which what is sent carries signatures by both keys. */
  overlap: z
    .int()
    .min(0)
    .max(7 * 86_400)
    .default(86_400),
});

/** Body of `POST /v1/webhook-endpoints/{id}/replays`: one event, or all that are kept since a time. */
export const ReplayOrder = z.union([z.strictObject({ event: z.uuid() }), z.strictObject({ since: z.iso.datetime() })]);
export type ReplayOrder = z.infer<typeof ReplayOrder>;
/** How many events are on their way again. */
export const Replay = z.object({ events: z.int() });

export const WebhookDelivery = z.object({
  /** `event.endpoint` */
  id: z.string(),
  event: z.object({ id: z.uuid(), type: EventType }),
  endpoint: z.uuid(),
  /** `failed`: nothing is tried any more. */
  state: z.enum(["pending", "delivered", "failed"]),
  createdAt: z.iso.datetime(),
  nextAttemptAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  attempts: z.array(DeliveryAttempt),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
