import type { ApiRoute } from "../route.ts";
import { deleteWebhookEndpoint } from "./delete-endpoint.ts";
import { getWebhookDeliveries } from "./get-deliveries.ts";
import { getWebhookDelivery } from "./get-delivery.ts";
import { getWebhookEndpoint } from "./get-endpoint.ts";
import { getWebhookEndpoints } from "./get-endpoints.ts";
import { getEvent } from "./get-event.ts";
import { getEvents } from "./get-events.ts";
import { postWebhookEndpoint } from "./post-endpoint.ts";
import { postPoll } from "./post-poll.ts";
import { postReplay } from "./post-replay.ts";
import { postSecretRotation } from "./post-secret-rotation.ts";
import { postTestEvent } from "./post-test-event.ts";
import { putWebhookEndpoint } from "./put-endpoint.ts";

export const webhookRoutes: readonly ApiRoute[] = [
  getEvents,
  getEvent,
  getWebhookEndpoints,
  postWebhookEndpoint,
  getWebhookEndpoint,
  putWebhookEndpoint,
  deleteWebhookEndpoint,
  postSecretRotation,
  postTestEvent,
  postReplay,
  getWebhookDeliveries,
  getWebhookDelivery,
  postPoll,
];
