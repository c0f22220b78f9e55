import type { RequestDecision } from "@xid/protocol";
import { sql } from "kysely";
import { eventWrites } from "../events/record-event.ts";
import type { Device } from "../identity/device.ts";
import type { Platform } from "../platform.ts";
import { readRequest, refusal } from "./engine.ts";
import { RequestError } from "./request-error.ts";
import { returnAddress } from "./return-secret.ts";
import { transitions } from "./transition.ts";

/** The person says no, on the device that opened the request. Twice is the same as once. Throws `RequestError`. */
export async function declineRequest(
  platform: Platform,
  { deviceId }: Pick<Device, "deviceId">,
  requestId: string,
): Promise<RequestDecision> {
  const now = new Date(platform.clock());
  const before = await readRequest(platform, requestId);
  if (!before) throw refusal(before);
  // A relying party does not learn by it who it was that said no.
  await sql`
    WITH decided AS (
      UPDATE requests SET state = ${transitions.decline.to}, decided_at = ${now}
      WHERE request_id = ${requestId} AND device_id = ${deviceId}::uuid
        AND state = ANY (${transitions.decline.from}::text[]) AND expires_at > ${now}
      RETURNING client_id, NULL::uuid AS account_id
    ), ${eventWrites(sql`decided`, { type: "request.declined", data: { requestId, kind: before.kind }, at: now })}
    SELECT 1`.execute(platform.database);
  const request = await readRequest(platform, requestId);
  if (!request) throw refusal(request);
  if (request.deviceId !== deviceId) throw new RequestError("OTHER_DEVICE");
  if (request.state !== "declined") throw refusal(request);
  return { state: "declined", returnTo: request.via === "link" ? returnAddress(platform, requestId) : null };
}
