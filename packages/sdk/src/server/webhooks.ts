import {
  Replay,
  type ReplayOrder,
  WebhookDelivery,
  WebhookEndpoint,
  type WebhookEndpointChange,
  type WebhookEndpointCreation,
  WebhookEndpointWithSecret,
  XidEvent,
} from "@xid/protocol";
import { z } from "zod";
import type { Api } from "./api.ts";

/** As it is sent: what has a default may be left out. */
export type NewWebhookEndpoint = z.input<typeof WebhookEndpointCreation>;

export type Webhooks = {
  /** The `secret` is told here only. The same `key` again makes no second endpoint. */
  create(endpoint: NewWebhookEndpoint, options?: { key?: string }): Promise<WebhookEndpointWithSecret>;
  list(): Promise<WebhookEndpoint[]>;
  get(id: string): Promise<WebhookEndpoint>;
  change(id: string, change: WebhookEndpointChange): Promise<WebhookEndpoint>;
  delete(id: string): Promise<void>;
  /** For `overlap` seconds, a day unless told, deliveries are signed with the old secret too. */
  rotateSecret(id: string, options?: { overlap?: number; key?: string }): Promise<WebhookEndpointWithSecret>;
  /** Sends `webhook.test`; `delivery` tells whether it arrived. */
  sendTest(id: string): Promise<{ eventId: string; deliveryId: string }>;
  /** Sends once more: one event, or all since a time. Answers how many. */
  replay(id: string, order: ReplayOrder): Promise<number>;
  delivery(id: string): Promise<WebhookDelivery>;
  /** Newest first, a page at a time: `next` is the `after` of the next page. */
  deliveries(of?: DeliveryFilter): Promise<{ deliveries: WebhookDelivery[]; next: string | null }>;
  event(id: string): Promise<XidEvent>;
  /** Oldest first, a page at a time. */
  events(of?: EventFilter): Promise<{ events: XidEvent[]; next: string | null }>;
  /** The tokens that wait at a `set_poll` endpoint, by their ids; those in `ack` do not come again (RFC 8936). */
  poll(id: string, options?: { ack?: string[]; maxEvents?: number }): Promise<Poll>;
};

export type DeliveryFilter = { endpoint?: string; state?: WebhookDelivery["state"]; after?: string; limit?: number };
export type EventFilter = { since?: string; type?: XidEvent["type"]; after?: string; limit?: number };
export type Poll = { sets: Record<string, string>; moreAvailable: boolean };

const Deliveries = z.object({ deliveries: z.array(WebhookDelivery), next: z.string().nullable() });
const Events = z.object({ events: z.array(XidEvent), next: z.string().nullable() });
const Sent = z.object({ eventId: z.string(), deliveryId: z.string() });
const Polled = z.object({ sets: z.record(z.string(), z.string()), moreAvailable: z.boolean() });

export function createWebhooks(api: Api): Webhooks {
  const scope = "webhooks";
  const at = (id: string, rest = "") => `/webhook-endpoints/${encodeURIComponent(id)}${rest}`;
  const get = <Shape extends z.ZodType>(path: string, answer: Shape, query: Record<string, unknown> = {}) =>
    api.json({ method: "GET", path, scope, query: textOf(query) }, answer);
  const post = <Shape extends z.ZodType>(path: string, body: object, answer: Shape, idempotencyKey?: string) =>
    api.json({ method: "POST", path, scope, body, idempotencyKey }, answer);

  return {
    create: (endpoint, { key } = {}) => post("/webhook-endpoints", endpoint, WebhookEndpointWithSecret, key),
    list: async () => (await get("/webhook-endpoints", z.object({ endpoints: z.array(WebhookEndpoint) }))).endpoints,
    get: (id) => get(at(id), WebhookEndpoint),
    change: (id, body) => api.json({ method: "PUT", path: at(id), scope, body }, WebhookEndpoint),
    delete: (id) => api.nothing({ method: "DELETE", path: at(id), scope }),
    rotateSecret: (id, { overlap, key } = {}) =>
      post(at(id, "/secret-rotations"), overlap === undefined ? {} : { overlap }, WebhookEndpointWithSecret, key),
    sendTest: (id) => post(at(id, "/test-events"), {}, Sent),
    replay: async (id, order) => (await post(at(id, "/replays"), order, Replay)).events,
    delivery: (id) => get(`/webhook-deliveries/${encodeURIComponent(id)}`, WebhookDelivery),
    deliveries: (of = {}) => get("/webhook-deliveries", Deliveries, of),
    event: (id) => get(`/events/${encodeURIComponent(id)}`, XidEvent),
    events: (of = {}) => get("/events", Events, of),
    poll: (id, options = {}) => post(at(id, "/poll"), options, Polled),
  };
}

function textOf(query: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
