import type { RequestDecision } from "@xid/protocol";
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
  await platform.database
    .updateTable("requests")
    .set({ state: transitions.decline.to, decided_at: now })
    .where("request_id", "=", requestId)
    .where("device_id", "=", deviceId)
    .where("state", "in", transitions.decline.from)
    .where("expires_at", ">", now)
    .execute();
  const request = await readRequest(platform, requestId);
  if (!request) throw refusal(request);
  if (request.deviceId !== deviceId) throw new RequestError("OTHER_DEVICE");
  if (request.state !== "declined") throw refusal(request);
  return { state: "declined", returnTo: request.via === "link" ? returnAddress(platform, requestId) : null };
}
