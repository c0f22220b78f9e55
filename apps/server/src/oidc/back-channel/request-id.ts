import { hash } from "node:crypto";

/** The engine's id of what the client knows by `auth_req_id`; it does not lead back. */
export function requestIdOf(authReqId: string): string {
  return hash("sha256", authReqId, "base64url");
}
