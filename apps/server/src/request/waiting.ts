import type { WaitingRequests } from "@xid/protocol";
import type { Device } from "../identity/device.ts";
import type { Platform } from "../platform.ts";

/** More are not listed. */
const maxListed = 50;

/** What was addressed to the device's holder and can still be answered on this device, newest first. */
export async function listWaitingRequests(
  { database, clock }: Pick<Platform, "database" | "clock">,
  { accountId, deviceId }: Pick<Device, "accountId" | "deviceId">,
): Promise<WaitingRequests> {
  const now = new Date(clock());
  const addressed = await database
    .selectFrom("addressed_requests")
    .select("request_id")
    .where("account_id", "=", accountId)
    .where("expires_at", ">", now)
    .orderBy("created_at", "desc")
    .limit(maxListed)
    .execute();
  if (addressed.length === 0) return { requests: [] };
  const ids = addressed.map(({ request_id }) => request_id);
  const rows = await database
    .selectFrom("requests")
    .select(["request_id", "kind", "client_id", "asked", "created_at", "expires_at"])
    .where("request_id", "in", ids)
    .where((row) =>
      row.or([row("state", "=", "created"), row.and([row("state", "=", "opened"), row("device_id", "=", deviceId)])]),
    )
    .execute();
  const newestFirst = rows.toSorted((one, other) => ids.indexOf(one.request_id) - ids.indexOf(other.request_id));
  return {
    requests: newestFirst.map(({ request_id, kind, client_id, asked, created_at, expires_at }) => ({
      requestId: request_id,
      kind,
      client: { clientId: client_id, name: asked.clientName, domain: asked.domain },
      createdAt: Math.floor(created_at.getTime() / 1000),
      expiresAt: Math.floor(expires_at.getTime() / 1000),
    })),
  };
}
