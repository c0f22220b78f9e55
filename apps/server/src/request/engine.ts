import { randomBytes } from "node:crypto";
import { type AuthenticationLevel, contentDigest, type ItemName, type RequestKind } from "@xid/protocol";
import type { ExpressionBuilder } from "kysely";
import type { Platform } from "../platform.ts";
import type { Asked, Tables } from "../store/database.ts";
import { type Request, toRequest } from "./request.ts";
import { RequestError } from "./request-error.ts";
import { checkReturnSecret } from "./return-secret.ts";
import { documentContext } from "./shown-document.ts";
import { transitions } from "./transition.ts";

export { proximityCode } from "./proximity-code.ts";

type Parts = Pick<Platform, "config" | "database" | "unsynced" | "sealer" | "clock">;

export type Question = {
  requestId: string;
  clientId: string;
  asked: Asked;
  /** The one person who may answer; anybody unless told. */
  accountId?: string | null | undefined;
  /** The text to be signed, where the asked document is one. */
  text?: string | undefined;
};

/** Begins a request, or returns the one that began under the same id (`ID_TAKEN` if that asked something else). */
export async function startRequest(
  { config, database, unsynced, sealer, clock }: Parts,
  question: Question,
): Promise<Request> {
  const { requestId, clientId, asked } = question;
  const now = clock();
  const inserted = await unsynced
    .insertInto("requests")
    .values({
      ...questionColumns({ sealer }, question),
      account_id: question.accountId ?? null,
      proximity_secret: randomBytes(32),
      created_at: new Date(now),
      expires_at: new Date(now + config.requestLifetime * 1000),
    })
    .onConflict((conflict) => conflict.column("request_id").doNothing())
    .returningAll()
    .executeTakeFirst();
  if (inserted) return toRequest(inserted, now);
  const existing = await database
    .selectFrom("requests")
    .selectAll()
    .where("request_id", "=", requestId)
    .executeTakeFirstOrThrow();
  if (existing.client_id !== clientId || !sameQuestion(existing.asked, asked)) throw new RequestError("ID_TAKEN");
  return toRequest(existing, now);
}

/** The question as its row keeps it. */
export function questionColumns({ sealer }: Pick<Platform, "sealer">, { requestId, clientId, asked, text }: Question) {
  return {
    request_id: requestId,
    kind: asked.kind,
    state: "created",
    client_id: clientId,
    asked: JSON.stringify(asked),
    document_sealed: text === undefined ? null : sealer.seal(documentContext(requestId), text),
    wrong_codes: 0,
  } as const;
}

export async function readRequest({ database, clock }: Parts, requestId: string): Promise<Request | undefined> {
  const row = await database.selectFrom("requests").selectAll().where("request_id", "=", requestId).executeTakeFirst();
  return row && toRequest(row, clock());
}

/** The browser gave up. Throws `WRONG_STATE` once it is decided; cancelling twice is the same as once. */
export async function cancelRequest(parts: Parts, requestId: string): Promise<void> {
  const now = new Date(parts.clock());
  const { numUpdatedRows } = await parts.database
    .updateTable("requests")
    .set({ state: transitions.cancel.to, decided_at: now })
    .where("request_id", "=", requestId)
    .where("state", "in", transitions.cancel.from)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  const request = await readRequest(parts, requestId);
  if (request?.state !== "cancelled") throw refusal(request);
}

/** What the OpenID Provider needs of an approval. */
export type Approved = {
  accountId: string;
  deviceId: string;
  /** What the person lets go this time. */
  items: ItemName[];
  offlineAccess: boolean;
  evidenceId: string;
  decidedAt: Date;
  userVerification: "biometric" | "app_pin";
  /** How the device keeps its keys: decides what `amr` may claim. */
  keyLevel: string;
  kind: RequestKind;
  /** What was done beyond what every approval is. */
  level: AuthenticationLevel | undefined;
  /** The items have left in an envelope of the app: nothing may be told in the clear. */
  endToEnd: boolean;
};

/**
 * Takes an approved request, once: of any number of callers in any number of processes exactly one gets it, the others
 * `WRONG_STATE`. A request that began on the same device needs its return secret (`WRONG_SECRET`), one from a QR code
 * needs none: its caller must have checked that the browser session is the one that showed the code. An approval whose
 * consent was withdrawn in the meantime is not given out (`WRONG_STATE`).
 */
export async function takeApproved(
  parts: Parts,
  requestId: string,
  { returnSecret }: { returnSecret?: string } = {},
): Promise<Approved> {
  const secretIsRight = returnSecret !== undefined && checkReturnSecret(parts, requestId, returnSecret) === "right";
  const now = new Date(parts.clock());
  let taking = parts.database
    .updateTable("requests")
    .set({ state: transitions.complete.to, completed_at: now })
    .where("request_id", "=", requestId)
    .where("state", "in", transitions.complete.from)
    .where("expires_at", ">", now)
    .where(stillConsented);
  if (!secretIsRight) taking = taking.where("via", "=", "qr");
  const row = await taking.returningAll().executeTakeFirst();
  if (!row) {
    const request = await readRequest(parts, requestId);
    if (request?.state !== "approved" || request.via === "push") throw refusal(request);
    if (secretIsRight || request.via === "qr") throw new RequestError("WRONG_STATE", "the service was unlinked since");
    throw new RequestError("WRONG_SECRET");
  }
  return toApproved(toRequest(row, now.getTime()));
}

/**
 * The approval of a request that was addressed to a person. Any number of callers get the same: what it is given out for
 * must be written once. Throws `WRONG_STATE`, also when the consent was withdrawn in the meantime.
 */
export async function takeAddressed(parts: Parts, requestId: string): Promise<Approved> {
  const now = new Date(parts.clock());
  const row = await parts.database
    .updateTable("requests")
    .set((row) => ({ state: transitions.complete.to, completed_at: row.fn.coalesce("completed_at", row.val(now)) }))
    .where("request_id", "=", requestId)
    .where("via", "=", "push")
    .where("state", "in", [...transitions.complete.from, transitions.complete.to])
    .where(stillConsented)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new RequestError("WRONG_STATE", "the service was unlinked since");
  return toApproved(toRequest(row, now.getTime()));
}

function stillConsented({ not, exists, selectFrom }: ExpressionBuilder<Tables, "requests">) {
  return not(
    exists(
      selectFrom("consents")
        .select("consents.account_id")
        .whereRef("consents.account_id", "=", "requests.account_id")
        .whereRef("consents.client_id", "=", "requests.client_id")
        .whereRef("consents.revoked_at", ">=", "requests.decided_at"),
    ),
  );
}

/** A row past `approve` has all of these: they are written in one statement (request/approve.ts). */
function toApproved(request: Request): Approved {
  const { accountId, deviceId, grantedItems, evidenceId, decidedAt, userVerification, keyLevel, asked } = request;
  if (!accountId || !deviceId || !grantedItems || !evidenceId || !decidedAt || !userVerification || !keyLevel) {
    throw new TypeError("an approved request without its decision");
  }
  const { kind, offlineAccess, level } = asked;
  const decided = { items: grantedItems, evidenceId, decidedAt, userVerification, keyLevel };
  return { accountId, deviceId, kind, offlineAccess, level, endToEnd: asked.delivery !== undefined, ...decided };
}

/** Why a step was not possible, from what the request is now. */
export function refusal(request: Request | undefined): RequestError {
  if (!request) return new RequestError("NOT_FOUND");
  if (request.state === "expired") return new RequestError("EXPIRED");
  return new RequestError("WRONG_STATE", `the request is ${request.state}`);
}

function sameQuestion(one: Asked, other: Asked): boolean {
  return contentDigest(one) === contentDigest(other);
}
