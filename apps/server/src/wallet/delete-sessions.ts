import type { EndedSessions } from "@xid/protocol";
import { signOut } from "../session/end-sessions.ts";
import { clientIdForm, device, type Endpoint, pathPart } from "./endpoint.ts";

/** Signs the holder out at one service: `EndedSessions`. */
export const deleteServiceSessions: Endpoint = async (platform, call) => {
  const clientId = pathPart(call, "clientId", clientIdForm);
  const ended = await signOut(platform, device(call).accountId, clientId);
  return call.json({ ended } satisfies EndedSessions);
};

/** Signs the holder out everywhere: `EndedSessions`. */
export const deleteSessions: Endpoint = async (platform, call) => {
  return call.json({ ended: await signOut(platform, device(call).accountId) } satisfies EndedSessions);
};
