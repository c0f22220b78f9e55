import type { RequestDisplay, RequestKind } from "@xid/protocol";
import { deriveItems } from "../../attributes/derive-items.ts";
import { endOfContinuousConsent } from "../../consent/continuous-consent.ts";
import type { AccountState } from "../../identity/account-state.ts";
import type { Device } from "../../identity/device.ts";
import type { Platform } from "../../platform.ts";
import type { Asked } from "../../store/database.ts";
import { messageContext } from "../address.ts";
import type { Request } from "../request.ts";
import { presentCardSignature } from "./card-signature.ts";
import { presentDocumentSignature } from "./document-signature.ts";
import { presentIdentityRefresh } from "./identity-refresh.ts";
import { presentMyNumber } from "./my-number.ts";
import { presentItems } from "./present-items.ts";

/** What every kind shows. */
export type InCommon = Omit<Extract<RequestDisplay, { kind: "sign_in" }>, "kind">;

/** What one kind shows beside it. */
export type Present<K extends RequestKind> = (
  platform: Platform,
  opened: { request: Request; device: Device; account: AccountState; common: InCommon; now: number },
  asked: Extract<Asked, { kind: K }>,
) => Shown<K> | Promise<Shown<K>>;
type Shown<K extends RequestKind> = Omit<Extract<RequestDisplay, { kind: K }>, keyof InCommon | "kind">;

const presents: { [K in RequestKind]: Present<K> } = {
  sign_in: () => ({}),
  card_signature: presentCardSignature,
  document_signature: presentDocumentSignature,
  identity_refresh: presentIdentityRefresh,
  my_number: presentMyNumber,
};

/**
 * What the person is shown before they decide; its `contentDigest` is what the device signs.
 *
 * @param opened `now` by the clock that ages go by
 */
export async function presentRequest(
  platform: Platform,
  { request, device, account }: { request: Request; device: Device; account: AccountState },
  { now, ...opened }: Pick<RequestDisplay, "via" | "checkNumber" | "changed"> & { now: number },
): Promise<RequestDisplay> {
  const { kind, clientName, domain, purpose, items, offlineAccess } = request.asked;
  const common: InCommon = {
    requestId: request.requestId,
    client: { clientId: request.clientId, name: clientName, domain },
    purpose,
    items: presentItems(platform, items, deriveItems(account.attributes, now)),
    alreadyGranted: items.map(({ name }) => name).filter((name) => account.granted.includes(name)),
    offlineAccess,
    ...presentDelivery(request),
    ...(request.asked.level && { level: request.asked.level }),
    ...(request.asked.latestAttributes && { latestAttributes: presentContinuousConsent(account, now) }),
    ...opened,
    ...openMessage(platform, request),
    expiresAt: Math.floor(request.expiresAt.getTime() / 1000),
  };
  const present = presents[kind] as Present<RequestKind>;
  const shown = await present(platform, { request, device, account, common, now }, request.asked);
  return { kind, ...common, ...shown } as RequestDisplay;
}

function presentDelivery({ requestId, asked }: Request): Pick<RequestDisplay, "delivery"> {
  if (!asked.delivery) return {};
  const { recipient, nonce = requestId } = asked.delivery;
  return { delivery: { recipient, nonce } };
}

function presentContinuousConsent({ toldUntil }: Pick<AccountState, "toldUntil">, now: number) {
  const granted = toldUntil !== null && toldUntil.getTime() > now;
  const until = granted ? toldUntil : endOfContinuousConsent(new Date(now));
  return { until: Math.floor(until.getTime() / 1000), granted };
}

function openMessage(
  { sealer }: Pick<Platform, "sealer">,
  { requestId, messageSealed }: Pick<Request, "requestId" | "messageSealed">,
): Pick<RequestDisplay, "message"> {
  return messageSealed ? { message: sealer.open(messageContext(requestId), messageSealed).toString("utf8") } : {};
}
