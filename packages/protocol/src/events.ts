import { z } from "zod";
import { ItemName } from "./items.ts";
import { RequestKind } from "./messages.ts";
import { RequestResult } from "./request-result.ts";

const ofRequest = z.object({
  requestId: z.string(),
  kind: RequestKind,
  /** What `GET /v1/requests/{id}` gives at this moment; null once it gives nothing any more. */
  request: RequestResult.nullable(),
});

/** What happens that a relying party can be told of, by type, and what it is told beside whom it is about. */
export const eventShapes = {
  "request.approved": ofRequest,
  "request.declined": ofRequest,
  "request.expired": ofRequest,
  "request.failed": ofRequest,
  /** Whether what was verified still stands, as `GET /v1/identities/{sub}` says it; why is read there. */
  "identity.status_changed": z.object({ status: z.enum(["unchanged", "changed", "unknown"]) }),
  /** Which of the attributes that the person lets it have are others now. Never the values: those are read. */
  "attributes.changed": z.object({ items: z.array(ItemName) }),
  /** `link`: nothing of the person's can be read any more. `latest_attributes`: they are not told of changes any more. */
  "consent.withdrawn": z.object({ consent: z.enum(["link", "latest_attributes"]) }),
  /** The person has come back with their card on a new device, and everything they had before is revoked. */
  "account.recovered": z.object({}),
  /** `replaced`: the devices before it are revoked. */
  "device.changed": z.object({ change: z.enum(["added", "replaced", "removed"]) }),
  /** J-LIS has put the card's certificates on hold. Only to those that may know why a certificate has ended. */
  "card.lost": z.object({}),
  /** Sent on demand, to one endpoint. */
  "webhook.test": z.object({}),
  /** Another endpoint of the same relying party has taken nothing for days. */
  "webhook.disabled": z.object({ endpointId: z.uuid() }),
} as const satisfies Record<string, z.ZodType>;

export type EventType = keyof typeof eventShapes;
export const eventTypes = Object.keys(eventShapes) as [EventType, ...EventType[]];
export const EventType = z.enum(eventTypes);

type Data<T extends EventType> = z.infer<(typeof eventShapes)[T]>;

/** What is kept of an event; the rest is found when it is told. No attributes, nothing secret. */
export type EventRecord<T extends EventType = EventType> = Omit<Data<T>, "request">;

const common = {
  /** The same however often it is sent: who has seen it already has nothing to do. */
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  /** Whom it is about, as in the ID token; null where it is about nobody whom the relying party knows. */
  subject: z.string().nullable(),
};

/** Body of a webhook, and what `GET /v1/events/{id}` gives. */
export const XidEvent = z.discriminatedUnion(
  "type",
  eventTypes.map((type) => z.object({ type: z.literal(type), ...common, data: eventShapes[type] })) as never,
) as unknown as z.ZodType<XidEvent>;
export type XidEvent = { [T in EventType]: EventOf<T> }[EventType];
export type EventOf<T extends EventType> = {
  type: T;
  id: string;
  createdAt: string;
  subject: string | null;
  data: Data<T>;
};

/** One try to deliver an event. */
export const DeliveryAttempt = z.object({
  at: z.iso.datetime(),
  /** Milliseconds. */
  duration: z.int(),
  /** HTTP status of the answer; null where there was none. */
  status: z.int().nullable(),
  /** Why it did not arrive: `TIMEOUT`, `ADDRESS_REFUSED`, `ECONNREFUSED`, … */
  error: z.string().nullable(),
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;
