import type { RequestDisplay } from "@xid/protocol";
import type { AccountState } from "../identity/account-state.ts";
import type { Platform } from "../platform.ts";
import type { Request } from "./request.ts";
import { openDocument } from "./shown-document.ts";

/** What the person is shown before they decide; its `contentDigest` is what the device signs. */
export function presentRequest(
  platform: Pick<Platform, "sealer">,
  request: Request,
  account: Pick<AccountState, "attributes" | "granted">,
  { via, checkNumber }: Pick<RequestDisplay, "via" | "checkNumber">,
): RequestDisplay {
  const { clientName, domain, purpose, items, offlineAccess } = request.asked;
  const asked = items.map(({ name, required }) => ({ name, required, value: account.attributes[name] }));
  const common = {
    requestId: request.requestId,
    client: { clientId: request.clientId, name: clientName, domain },
    purpose,
    items: asked,
    alreadyGranted: items.map(({ name }) => name).filter((name) => account.granted.includes(name)),
    offlineAccess,
    via,
    checkNumber,
    expiresAt: Math.floor(request.expiresAt.getTime() / 1000),
  };
  if (request.asked.kind === "sign_in") return { kind: "sign_in", ...common };
  const { display, document } = request.asked.signature;
  return {
    kind: "card_signature",
    ...common,
    signature: { display, document: openDocument(platform, request, document) },
  };
}

/** Context of the sealed display of one request. */
export function displayContext(requestId: string): string {
  return `requests.display_sealed:${requestId}`;
}
