import type { RequestKind, RequestResult } from "@xid/protocol";
import type { Caller } from "../../http/caller.ts";
import type { Platform } from "../../platform.ts";
import { openPresentation } from "../../request/presentation.ts";
import type { Request } from "../../request/request.ts";
import type { Asked } from "../../store/database.ts";
import { presentCardSignature } from "./card-signature.ts";
import { presentDocumentSignature } from "./document-signature.ts";
import { presentIdentityRefresh } from "./identity-refresh.ts";
import { presentMyNumber } from "./my-number.ts";

/** What every kind of request answers. */
type InCommon = Omit<Extract<RequestResult, { kind: "sign_in" }>, "kind">;

/** What one kind answers beside it. */
export type PresentResult<K extends RequestKind> = (
  platform: Platform,
  request: Request,
  asked: Extract<Asked, { kind: K }>,
  caller: Pick<Caller, "receivesCertificates">,
) => Own<K> | Promise<Own<K>>;

type Own<K extends RequestKind> = Omit<Extract<RequestResult, { kind: K }>, keyof InCommon | "kind">;

const presents: { [K in RequestKind]: PresentResult<K> } = {
  sign_in: () => ({}),
  card_signature: presentCardSignature,
  document_signature: presentDocumentSignature,
  identity_refresh: presentIdentityRefresh,
  my_number: presentMyNumber,
};

/** What became of a request, for the relying party that made it. */
export async function presentResult(
  platform: Platform,
  request: Request,
  caller: Pick<Caller, "receivesCertificates">,
): Promise<RequestResult> {
  const { requestId, state, createdAt, decidedAt, grantedItems, evidenceId, asked } = request;
  const common: InCommon = {
    requestId,
    state,
    createdAt: createdAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    items: grantedItems ?? [],
    presentation: openPresentation(platform, request),
    evidenceId,
  };
  const present = presents[asked.kind] as PresentResult<RequestKind>;
  return { kind: asked.kind, ...common, ...(await present(platform, request, asked, caller)) } as RequestResult;
}
