import { randomInt } from "node:crypto";
import { contentDigest, type RequestDisplay, type RequestOpening } from "@xid/protocol";
import { sql } from "kysely";
import { eventWrites } from "../events/record-event.ts";
import { type AccountState, readAccountState } from "../identity/account-state.ts";
import type { Device } from "../identity/device.ts";
import type { Platform } from "../platform.ts";
import { displayContext } from "./display/display-context.ts";
import { presentRequest } from "./display/present-request.ts";
import { readRequest, refusal } from "./engine.ts";
import { checkProximityCode } from "./proximity-code.ts";
import type { Request } from "./request.ts";
import { RequestError } from "./request-error.ts";
import { requireStanding } from "./standing.ts";
import { nextState, transitions } from "./transition.ts";

/** After so many wrong codes a request is ended. */
export const maxWrongCodes = 10;

/**
 * A device looks at a request: from then on it alone may decide, and this returns what it must show. The same device
 * may open again. A request seen on another screen needs the code that was there within the last seconds, once; one that
 * was addressed to an account is opened by its devices alone, however they came by its id.
 *
 * Throws `RequestError`. When the account's certificate does not stand (`CERTIFICATE_REVOKED`, `CERTIFICATE_EXPIRED`,
 * `STATUS_UNAVAILABLE`) the request stays open for this device, so that the person can read the card and open it again.
 */
export async function openRequest(
  platform: Platform,
  device: Device,
  requestId: string,
  opening: RequestOpening,
): Promise<RequestDisplay> {
  const [request, account] = await Promise.all([
    readRequest(platform, requestId),
    readAccountState(platform, device.accountId, requestId),
  ]);
  const isOthers = request !== undefined && request.accountId !== null && request.accountId !== device.accountId;
  // Whoever it was not sent to is not told that there is such a request.
  if (!request || (isOthers && request.via === "push")) throw new RequestError("NOT_FOUND");
  if (isOthers && request.state === "created") throw new RequestError("OTHER_ACCOUNT");
  if (!nextState(request.state, "open")) throw refusal(request);
  const openedBefore = request.state === "opened";
  if (openedBefore && request.deviceId !== device.deviceId) throw new RequestError("OTHER_DEVICE");
  const via: RequestDisplay["via"] = request.via === "push" ? "push" : opening.via;
  if (via === "qr" && !(openedBefore && request.via === "qr")) {
    await requireProximity(platform, request, opening.code);
  }
  const checkNumber = via === "qr" ? (request.checkNumber ?? String(randomInt(100)).padStart(2, "0")) : null;
  const opened = { via, checkNumber };

  const changed = await openStanding(platform, request, account).catch(async (error: unknown) => {
    if (error instanceof RequestError && error.code === "IDENTITY_CHANGED") {
      await failRequest(platform, request, error.code);
    } else await writeOpened(platform, device, requestId, opened);
    throw error;
  });
  const now = await platform.jpki.now();
  // J-LIS was asked what has changed, and may have said what it is now.
  const current = changed ? await readAccountState(platform, device.accountId, requestId) : account;
  const looked = { ...opened, ...(changed && { changed }), now };
  const display = await presentRequest(platform, { request, device, account: current }, looked);
  await writeOpened(platform, device, requestId, opened, display);
  return display;
}

/** Whether something has changed since the card was read, and the request goes on all the same. */
async function openStanding(platform: Platform, request: Request, account: AccountState): Promise<true | null> {
  // What has changed is what the card is to be read for; the act looks at the certificate that was read then.
  if (request.kind === "identity_refresh") return null;
  const { changed } = await requireStanding(platform, request, account);
  return changed && true;
}

async function requireProximity(platform: Platform, request: Request, code: string | undefined): Promise<void> {
  const { requestId, wrongCodes } = request;
  if (wrongCodes >= maxWrongCodes) throw new RequestError("TOO_MANY_CODES");
  if (code !== undefined && checkProximityCode(request, code, platform.clock()) === "current") return;
  const { wrong_codes } = await platform.database
    .updateTable("requests")
    .set((row) => ({ wrong_codes: row("wrong_codes", "+", 1) }))
    .where("request_id", "=", requestId)
    .returning("wrong_codes")
    .executeTakeFirstOrThrow();
  if (wrong_codes < maxWrongCodes) throw new RequestError("WRONG_CODE");
  await failRequest(platform, request, "TOO_MANY_CODES");
  throw new RequestError("TOO_MANY_CODES");
}

/** Ends a request that cannot go on, and tells the relying party. */
async function failRequest(platform: Platform, { requestId, kind }: Request, code: string): Promise<void> {
  const now = new Date(platform.clock());
  await sql`
    WITH failed AS (
      UPDATE requests SET state = ${transitions.fail.to}, failure_code = ${code}, decided_at = ${now}
      WHERE request_id = ${requestId} AND state = ANY (${transitions.fail.from}::text[])
      RETURNING client_id, NULL::uuid AS account_id
    ), ${eventWrites(sql`failed`, { type: "request.failed", data: { requestId, kind }, at: now })}
    SELECT 1`.execute(platform.database);
}

/** created → opened, or opened again by the same device; of two devices at once exactly one gets it. */
async function writeOpened(
  platform: Platform,
  { accountId, deviceId }: Device,
  requestId: string,
  { via, checkNumber }: Pick<RequestDisplay, "via" | "checkNumber">,
  display?: RequestDisplay,
): Promise<void> {
  const now = new Date(platform.clock());
  const { numUpdatedRows } = await platform.unsynced
    .updateTable("requests")
    .set({
      state: transitions.open.to,
      via,
      account_id: accountId,
      device_id: deviceId,
      check_number: checkNumber,
      display_digest: display ? contentDigest(display) : null,
      display_sealed: display ? platform.sealer.seal(displayContext(requestId), JSON.stringify(display)) : null,
      opened_at: now,
    })
    .where("request_id", "=", requestId)
    .where("expires_at", ">", now)
    .where("wrong_codes", "<", maxWrongCodes)
    .where((row) =>
      row.or([row("state", "=", "created"), row.and([row("state", "=", "opened"), row("device_id", "=", deviceId)])]),
    )
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const request = await readRequest(platform, requestId);
  throw request?.state === "opened" ? new RequestError("OTHER_DEVICE") : refusal(request);
}
