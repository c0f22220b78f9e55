import { verify } from "node:crypto";
import { ApprovalStatement, approvalType, decodeJws, ProtocolError } from "@xid/protocol";
import type { Device } from "../identity/device.ts";
import type { Request } from "./request.ts";
import { RequestError } from "./request-error.ts";

/** How far the time in an approval may be from ours, in seconds. */
export const approvalMaxSkew = 120;

/**
 * Verifies that this device's authentication key signed that exactly what was displayed is approved, now, with all that
 * is required and nothing that was not asked for. Returns the statement; throws `RequestError`.
 * That the device is not revoked is the caller's to know.
 *
 * @param now milliseconds since 1970
 */
export function verifyApproval(
  approval: string,
  { request, device, now }: { request: Request; device: Device; now: number },
): ApprovalStatement {
  const statement = verifyStatement(approval, device);
  if (statement.kind !== request.kind) throw new RequestError("DISPLAY_MISMATCH", "the approval is of another kind");
  if (statement.requestId !== request.requestId || statement.clientId !== request.clientId) {
    throw new RequestError("DISPLAY_MISMATCH", "the approval is of another request");
  }
  if (request.displayDigest === null || statement.displayDigest !== request.displayDigest) {
    throw new RequestError("DISPLAY_MISMATCH");
  }
  if (Math.abs(now / 1000 - statement.time) > approvalMaxSkew) throw new RequestError("APPROVAL_STALE");
  const approved = new Set(statement.items);
  const { items } = request.asked;
  const asked = items.filter(({ name }) => approved.has(name));
  if (asked.length !== statement.items.length || asked.length !== approved.size) {
    throw new RequestError("ITEMS_MISMATCH", "an item that was not asked for, or one twice");
  }
  if (statement.latestAttributes && !request.asked.latestAttributes) {
    throw new RequestError("ITEMS_MISMATCH", "nobody asked to be told of changes");
  }
  if (items.some(({ name, required }) => required && !approved.has(name))) {
    throw new RequestError("ITEMS_MISMATCH", "a required item is missing");
  }
  return statement;
}

function verifyStatement(approval: string, device: Device): ApprovalStatement {
  try {
    const { header, payload, signingInput, signature } = decodeJws(approval);
    const key = { key: device.authenticationKey, dsaEncoding: "ieee-p1363" } as const;
    if (header.typ !== approvalType || header.kid !== `${device.accountId}.${device.deviceId}`) {
      throw new RequestError("APPROVAL_INVALID", "not an approval by this device");
    }
    if (!verify("sha256", signingInput, key, signature)) throw new RequestError("APPROVAL_INVALID");
    const statement = ApprovalStatement.safeParse(payload);
    if (!statement.success) throw new RequestError("APPROVAL_INVALID", "not an approval statement");
    return statement.data;
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new RequestError("APPROVAL_INVALID", cause.message, { cause });
    throw cause;
  }
}
