import { CredentialRequest, type IssuedCredential } from "@xid/protocol";
import { issueCredential } from "../request/issue-credential.ts";
import { device, type Endpoint, message, pathPart, requestIdForm } from "./endpoint.ts";

/** For items that go end to end: `CredentialRequest` → `IssuedCredential`. */
export const postRequestCredential: Endpoint = async (platform, call) => {
  const { key } = message(call, CredentialRequest);
  const credential = await issueCredential(platform, device(call), pathPart(call, "id", requestIdForm), key);
  return call.json({ credential } satisfies IssuedCredential);
};
