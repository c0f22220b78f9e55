import type { EventOf, EventType, XidEvent } from "@xid/protocol";
import type { Selectable } from "kysely";
import type { KnownClient } from "../../http/known-client.ts";
import type { Platform } from "../../platform.ts";
import { readRequest } from "../../request/engine.ts";
import type { Tables } from "../../store/database.ts";
import { presentResult } from "../result/present-result.ts";

type Row = Selectable<Tables["events"]>;

/** An event as its relying party is told it: in a webhook and by `GET /v1/events/{id}`. */
export async function presentEvent(platform: Platform, client: KnownClient, row: Row): Promise<XidEvent> {
  const { event_id: id, type, account_id: accountId, created_at: createdAt, data } = row;
  const request =
    "requestId" in data ? { request: await presentRequest(platform, client, String(data.requestId)) } : {};
  return {
    type,
    id,
    createdAt: createdAt.toISOString(),
    subject: accountId === null ? null : client.people.subjectOf(accountId),
    data: { ...data, ...request },
  } as EventOf<EventType> as XidEvent;
}

async function presentRequest(platform: Platform, client: KnownClient, requestId: string) {
  const request = await readRequest(platform, requestId);
  return request?.clientId === client.clientId ? presentResult(platform, request, client) : null;
}
