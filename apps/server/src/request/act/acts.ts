import type { ApprovalStatement, RequestKind } from "@xid/protocol";
import type { Platform } from "../../platform.ts";
import type { Request } from "../request.ts";
import { RequestError } from "../request-error.ts";
import type { Act, Approval, Done } from "./act.ts";
import { cardSignatureAct } from "./card-signature.ts";
import { documentSignatureAct } from "./document-signature.ts";
import { identityRefreshAct } from "./identity-refresh.ts";
import { myNumberAct } from "./my-number.ts";
import { signInAct } from "./sign-in.ts";

const acts: { [K in RequestKind]: Act<K> } = {
  sign_in: signInAct,
  card_signature: cardSignatureAct,
  document_signature: documentSignatureAct,
  identity_refresh: identityRefreshAct,
  my_number: myNumberAct,
};

/** Does what was approved, short of writing it. Throws `RequestError` and, about a card, `IdentityError`. */
export async function performAct(platform: Platform, approval: Approval): Promise<Done> {
  const { shown, statement, given } = approval;
  if (shown.kind !== statement.kind) throw new RequestError("DISPLAY_MISMATCH", "the approval is of another kind");
  const act = actOf(statement.kind);
  const strange = Object.entries(given).find(([member, value]) => value !== undefined && member !== act.takes);
  if (strange) throw new RequestError("GIVEN_MISMATCH", `${strange[0]} was not asked for`);
  return act.perform(platform, approval);
}

/** Whether an approval that comes again is of the same act as the one that was written. */
export function repeatsAct(platform: Platform, request: Request, statement: ApprovalStatement): boolean {
  return actOf(statement.kind).repeats(platform, request, statement);
}

/** Each entry of the table takes its own kind only, which the callers make sure of. */
function actOf(kind: RequestKind): Act<RequestKind> {
  return acts[kind] as unknown as Act<RequestKind>;
}
