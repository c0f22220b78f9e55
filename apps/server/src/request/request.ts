import type { Selectable } from "kysely";
import type { Tables } from "../store/database.ts";
import { stateAt } from "./transition.ts";

/** One row of `requests`, as the engine and the pages see it. Secrets are in it: never send it out whole. */
export type Request = {
  requestId: string;
  kind: Tables["requests"]["kind"];
  /** `expired` when it is past its time, whatever was written. */
  state: Tables["requests"]["state"];
  clientId: string;
  asked: Selectable<Tables["requests"]>["asked"];
  documentSealed: Buffer | null;
  presentationSealed: Buffer | null;
  /** `push`: addressed to `accountId` from the beginning. */
  via: "link" | "qr" | "push" | null;
  messageSealed: Buffer | null;
  accountId: string | null;
  deviceId: string | null;
  displayDigest: string | null;
  displaySealed: Buffer | null;
  /** Two digits, on both screens once a device has opened the request from a QR code. */
  checkNumber: string | null;
  proximitySecret: Buffer;
  wrongCodes: number;
  grantedItems: Tables["requests"]["granted_items"];
  userVerification: Tables["requests"]["user_verification"];
  keyLevel: string | null;
  evidenceId: string | null;
  resultSealed: Buffer | null;
  failureCode: string | null;
  createdAt: Date;
  expiresAt: Date;
  decidedAt: Date | null;
};

/** @param now milliseconds since 1970 */
export function toRequest(row: Selectable<Tables["requests"]>, now: number): Request {
  return {
    requestId: row.request_id,
    kind: row.kind,
    state: stateAt(row.state, row.expires_at, now),
    clientId: row.client_id,
    asked: row.asked,
    documentSealed: row.document_sealed,
    presentationSealed: row.presentation_sealed,
    via: row.via,
    messageSealed: row.message_sealed,
    accountId: row.account_id,
    deviceId: row.device_id,
    displayDigest: row.display_digest,
    displaySealed: row.display_sealed,
    checkNumber: row.check_number,
    proximitySecret: row.proximity_secret,
    wrongCodes: row.wrong_codes,
    grantedItems: row.granted_items,
    userVerification: row.user_verification,
    keyLevel: row.key_level,
    evidenceId: row.evidence_id,
    resultSealed: row.result_sealed,
    failureCode: row.failure_code,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
  };
}
