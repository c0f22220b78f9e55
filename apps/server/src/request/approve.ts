import {
  type ApprovalStatement,
  contentDigest,
  type ItemClaims,
  type RequestApproval,
  type RequestDecision,
  type RequestDisplay,
} from "@xid/protocol";
import { type RawBuilder, sql } from "kysely";
import { deriveItems } from "../attributes/derive-items.ts";
import { grantContinuousConsent } from "../consent/continuous-consent.ts";
import { grantConsent } from "../consent/grant.ts";
import { eventWrites } from "../events/record-event.ts";
import { amlMethodAt } from "../evidence/aml-method.ts";
import type { ClientRecordInput } from "../evidence/client-record.ts";
import { recordEvidence } from "../evidence/record.ts";
import { readAccountState } from "../identity/account-state.ts";
import type { Device } from "../identity/device.ts";
import type { StoredCertificate, StoredStatus } from "../identity/stored-certificate.ts";
import type { Platform } from "../platform.ts";
import type { Tables } from "../store/database.ts";
import type { Done } from "./act/act.ts";
import { performAct, repeatsAct } from "./act/acts.ts";
import { verifyApproval } from "./approval.ts";
import { displayContext } from "./display/display-context.ts";
import { presentItems } from "./display/present-items.ts";
import { readRequest, refusal } from "./engine.ts";
import { sealPresentation } from "./presentation.ts";
import type { Request } from "./request.ts";
import { RequestError } from "./request-error.ts";
import { sealResult } from "./result.ts";
import { returnAddress, returnSecret, returnSecretHash } from "./return-secret.ts";
import { transitions } from "./transition.ts";

/**
 * A person approves what they were shown. The decision, the consent and the evidence are written in one statement, all
 * or none. The same approval again gets the same answer, also when its first answer was lost; a different one is
 * `WRONG_STATE`. Throws `RequestError`, and `IdentityError` about a card that has signed.
 */
export async function approveRequest(
  platform: Platform,
  device: Device,
  requestId: string,
  { approval, presentation, ...given }: RequestApproval,
): Promise<RequestDecision> {
  const now = platform.clock();
  const [request, account] = await Promise.all([
    readRequest(platform, requestId),
    readAccountState(platform, device.accountId, requestId),
  ]);
  requireDeciding(request, device);
  const statement = verifyApproval(approval, { request, device, now });
  if (request.state === "opened") {
    const shown = openDisplay(platform, request);
    requireSameValues(platform, shown, request, deriveItems(account.attributes, await platform.jpki.now()));
    const digest = statement.presentationDigest;
    const presentationSealed = sealPresentation(platform, shown, { presentation, digest });
    const done = await performAct(platform, { request, device, account, shown, statement, given });
    const at = await platform.jpki.now();
    const evidence = recordEvidence(platform, {
      accountId: device.accountId,
      kind: request.kind,
      clientId: request.clientId,
      requestId,
      time: at,
      clientRecord: clientRecordOf({ request, device, shown, statement, done, at }),
      content: {
        deviceId: device.deviceId,
        deviceKey: device.authenticationKey.export({ format: "jwk" }),
        keyLevel: device.keyLevel,
        approval,
        shown,
        consent: {
          items: statement.items,
          offlineAccess: request.asked.offlineAccess,
          ...(statement.latestAttributes && { latestAttributes: true }),
        },
        attributesVersion: account.attributesVersion,
        ...done.evidence,
      },
    });
    const decided = { device, statement, evidence, done, presentationSealed, now, at };
    if ((await writeApproved(platform, request, decided)) === 1) {
      platform.evidenceLog.nudge();
      return decision(platform, request);
    }
    const current = await readRequest(platform, requestId);
    if (current?.state === "opened" && done.guard) throw done.guard.refused();
    return repeatedDecision(platform, current, device, statement);
  }
  return repeatedDecision(platform, request, device, statement);
}

/** What the relying party may keep: what was let go, and no more. */
function clientRecordOf({
  request,
  device,
  shown,
  statement,
  done,
  at,
}: {
  request: Request;
  device: Device;
  shown: RequestDisplay;
  statement: ApprovalStatement;
  done: Done;
  at: number;
}): ClientRecordInput {
  const granted = new Set<string>(statement.items);
  const {
    certificate,
    certificateStatus: status,
    identityChanged = null,
  } = done.evidence as Partial<CertificateEvidence>;
  return {
    kind: request.kind,
    requestedAt: request.createdAt,
    purpose: request.asked.purpose,
    userVerification: statement.userVerification,
    keyLevel: device.keyLevel,
    basis: request.kind === "card_signature" || request.kind === "identity_refresh" ? "card" : "enrolment",
    endToEnd: request.asked.delivery !== undefined,
    items: request.asked.delivery ? [] : shown.items.filter(({ name, value }) => granted.has(name) && value !== null),
    certificate: certificate && status ? { ...certificate, status } : null,
    identityChanged,
    method: amlMethodAt(new Date(at)),
  };
}

type CertificateEvidence = {
  certificate: StoredCertificate;
  certificateStatus: StoredStatus;
  identityChanged?: string;
};

/** Only the device that opened the request, and only once it is open, decided or taken. */
function requireDeciding(request: Request | undefined, device: Device): asserts request is Request {
  if (!request || !["opened", "approved", "completed"].includes(request.state)) throw refusal(request);
  if (request.deviceId !== device.deviceId) throw new RequestError("OTHER_DEVICE");
}

/** What the device was shown when it opened the request. */
export function openDisplay({ sealer }: Platform, { requestId, displaySealed }: Request): RequestDisplay {
  if (!displaySealed) throw new RequestError("DISPLAY_MISMATCH", "nothing was shown");
  return JSON.parse(sealer.open(displayContext(requestId), displaySealed).toString("utf8")) as RequestDisplay;
}

/** A card that was read again in between may have changed what would be let go, or a birthday. */
function requireSameValues(platform: Platform, shown: RequestDisplay, { asked }: Request, claims: ItemClaims): void {
  if (contentDigest(shown.items) !== contentDigest(presentItems(platform, asked.items, claims))) {
    throw new RequestError("DISPLAY_MISMATCH", "the attributes have changed since they were shown");
  }
}

type Decided = {
  device: Device;
  statement: ApprovalStatement;
  evidence: Tables["evidence"];
  done: Done;
  presentationSealed: Buffer | null;
  now: number;
  /** The same by the clock that certificates go by. */
  at: number;
};

/** Seconds in which a relying party may still take what was approved of a request that it had sent at the last moment. */
const takingTime = 60;

/** opened → approved, consent and evidence; answers how many requests that changed: 1, or 0 when another was first. */
async function writeApproved(platform: Platform, request: Request, decided: Decided): Promise<number> {
  const { device, statement, evidence, done } = decided;
  const { requestId, kind } = request;
  const at = new Date(decided.now);
  const resultSealed = done.result && sealResult(platform, requestId, done.result);
  const { guard } = done;
  const writes = [
    ...(done.writes?.({ evidenceId: evidence.evidence_id, at }) ?? []),
    ...continuousConsent(request, decided),
  ];
  const further = writes.map((write, index) => sql`, ${sql.ref(`further_${index}`)} AS (${write})`);
  const secretHash = returnSecretHash(returnSecret(platform, requestId));
  const { rows } = await sql<{ decided: number }>`
    WITH ${guard ? sql`guarded AS (${guard.query}), ` : sql``}decided AS (
      UPDATE requests SET state = ${transitions.approve.to}, granted_items = ${statement.items}::text[],
        user_verification = ${statement.userVerification}, key_level = ${device.keyLevel},
        evidence_id = ${evidence.evidence_id}::uuid, result_sealed = ${resultSealed}::bytea,
        presentation_sealed = ${decided.presentationSealed}::bytea,
        return_secret_hash = ${secretHash}, decided_at = ${at},
        expires_at = CASE WHEN via = 'push' THEN expires_at + ${takingTime} * interval '1 second' ELSE expires_at END
      WHERE request_id = ${requestId} AND state = 'opened' AND expires_at > ${at}
        AND device_id = ${device.deviceId}::uuid AND display_digest = ${statement.displayDigest}
        ${guard ? sql`AND EXISTS (SELECT 1 FROM guarded)` : sql``}
      RETURNING account_id, client_id
    ), granted AS (${grantConsent(sql`decided`, { asked: request.asked, approved: statement.items, at })}
    ), recorded AS (${insertEvidence(evidence)}
    ), queued AS (${queueEvidence(evidence)}),
    ${eventWrites(sql`decided`, { type: "request.approved", data: { requestId, kind }, at })}${sql.join(further, sql``)}
    SELECT count(*)::int AS decided FROM decided`.execute(platform.database);
  return rows[0]!.decided;
}

/** The person lets the relying party be told of later changes of what it gets now. */
function continuousConsent(request: Request, { statement, at }: Decided): RawBuilder<unknown>[] {
  if (!statement.latestAttributes) return [];
  const { purpose } = request.asked;
  return [grantContinuousConsent(sql`decided`, { items: statement.items, purpose, at: new Date(at) })];
}

function insertEvidence(evidence: Tables["evidence"]): RawBuilder<unknown> {
  return sql`
    INSERT INTO evidence
      (account_id, evidence_id, kind, client_id, request_id, record_sealed, client_record_sealed, commitment, created_at)
    SELECT account_id, ${evidence.evidence_id}::uuid, ${evidence.kind}, client_id, ${evidence.request_id},
      ${evidence.record_sealed}::bytea, ${evidence.client_record_sealed}::bytea, ${evidence.commitment}::bytea,
      ${evidence.created_at}::timestamptz
    FROM decided`;
}

/** For the log; see evidence/sequencer.ts. */
function queueEvidence(evidence: Tables["evidence"]): RawBuilder<unknown> {
  return sql`
    INSERT INTO evidence_queue (account_id, evidence_id, commitment, queued_at)
    SELECT account_id, ${evidence.evidence_id}::uuid, ${evidence.commitment}::bytea, ${evidence.created_at}::timestamptz
    FROM decided`;
}

/** The answer to an approval that comes when the request is decided already: the same for the same decision only. */
function repeatedDecision(
  platform: Platform,
  request: Request | undefined,
  device: Device,
  statement: ApprovalStatement,
): RequestDecision {
  requireDeciding(request, device);
  const same =
    request.state !== "opened" &&
    request.displayDigest === statement.displayDigest &&
    request.userVerification === statement.userVerification &&
    request.grantedItems?.toSorted().join() === statement.items.toSorted().join() &&
    repeatsAct(platform, request, statement);
  if (!same) throw new RequestError("WRONG_STATE", "the request is decided otherwise");
  return decision(platform, request);
}

function decision(platform: Platform, { requestId, via }: Request): RequestDecision {
  return { state: "approved", returnTo: via === "link" ? returnAddress(platform, requestId) : null };
}
