import { parseCertificate } from "@xid/pki";
import { type EnrolmentCompletion, type EnrolmentResult, toBase64url } from "@xid/protocol";
import { openAttributes, sealAttributes } from "../attributes/attribute-version.ts";
import { differingItems } from "../attributes/difference.ts";
import { type AttributeChange, announceAttributes } from "../continuity/announce-attributes.ts";
import { announceStatus } from "../continuity/announce-status.ts";
import { sealSignedConsent } from "../continuity/jlis-consent.ts";
import { recordEventForLinked } from "../events/record-event.ts";
import { insertEvidence, recordEvidence } from "../evidence/record.ts";
import type { Platform } from "../platform.ts";
import { endSessions } from "../session/end-sessions.ts";
import { type DatabaseTransaction, transaction } from "../store/database.ts";
import { deviceContext, revokeDevices, revokeSigningCertificates } from "./devices.ts";
import type { NamedCertificate } from "./find-account.ts";
import { keepRevocationList } from "./revocation-list.ts";
import { certificateContext, toStoredCertificate, toStoredStatus } from "./stored-certificate.ts";
import type { CardProof } from "./verify-card-proof.ts";

/** Everything about an enrolment that was found out and decided; what remains is to write it. */
export type EnrolmentDecision = {
  enrolmentId: string;
  completionDigest: Buffer;
  completion: EnrolmentCompletion;
  proof: CardProof;
  /** All of the person's certificates that are known, the proven one first. */
  certificates: NamedCertificate[];
  accountId: string;
  isNew: boolean;
  /** Of a device that is enrolled already, or a new one. */
  deviceId: string;
  isNewDevice: boolean;
  signingCertificate: Uint8Array;
  /** The active devices of the account besides this one, when the decision was made. */
  otherDevices: string[];
  /** When, by the clock that certificates go by. */
  at: Date;
};

/** Somebody else wrote first what this decision rests on. */
class Overtaken extends Error {}

/**
 * Writes an enrolment in one transaction: account, links, device, attributes, certificate, evidence, and the answer for
 * whoever repeats the completion. `overtaken`: nothing was written, because this enrolment was completed, a certificate
 * went to another account or the account's devices changed in the meantime; decide again.
 */
export async function writeEnrolment(
  platform: Platform,
  decision: EnrolmentDecision,
): Promise<EnrolmentResult | "overtaken"> {
  const evidence = enrolmentEvidence(platform, decision);
  await keepRevocationList(platform.database, decision.proof.status, decision.at);
  const result = toResult(decision);
  try {
    await transaction(platform.database, async (tx) => {
      await takeChallenge(platform, tx, decision, result);
      await takeAccount(tx, decision);
      await linkCertificates(tx, decision);
      await settleOtherDevices(tx, decision);
      await writeDevice(platform, tx, decision, evidence.evidence_id);
      await writeSigningCertificate(tx, decision);
      await writeCertificates(platform, tx, decision);
      await writeJlisConsent(platform, tx, decision);
      const changes = await writeAttributes(platform, tx, decision);
      await writeState(platform, tx, decision);
      await announceAttributes(tx, changes, new Date(platform.clock()));
      await insertEvidence(tx, evidence);
      await tellLinked(platform, tx, decision);
    });
    platform.evidenceLog.nudge();
    return result;
  } catch (error) {
    if (error instanceof Overtaken) return "overtaken";
    throw error;
  }
}

/** The services that the person is linked with, of a device that was not there before. */
async function tellLinked(
  { clock }: Platform,
  tx: DatabaseTransaction,
  { accountId, isNew, isNewDevice, otherDevices, completion }: EnrolmentDecision,
): Promise<void> {
  if (isNew || !isNewDevice) return;
  const at = new Date(clock());
  const replaced = completion.otherDevices === "replace" && otherDevices.length > 0;
  const change = replaced ? "replaced" : "added";
  await recordEventForLinked(tx, { accountId, type: "device.changed", data: { change }, at });
  if (replaced || otherDevices.length === 0) {
    await endSessions(tx, { accountId }, { because: "device_replaced", at });
    await recordEventForLinked(tx, { accountId, type: "account.recovered", data: {}, at });
  }
}

/** Context of the sealed answer of one enrolment. */
export function resultContext(enrolmentId: string): string {
  return `enrolments.result_sealed:${enrolmentId}`;
}

function toResult(decision: EnrolmentDecision): EnrolmentResult {
  const { name, birthdate, gender, address } = decision.proof.attributes;
  return {
    state: "completed",
    deviceId: `${decision.accountId}.${decision.deviceId}`,
    account: decision.isNew ? "created" : "existing",
    attributes: { name, birthdate, gender, address },
    signingCertificate: toBase64url(decision.signingCertificate),
    replacedDevices: decision.completion.otherDevices === "replace" ? decision.otherDevices.length : 0,
  };
}

/** First of all, so that of two completions of one challenge the second waits here. */
async function takeChallenge(
  { sealer }: Platform,
  tx: DatabaseTransaction,
  { enrolmentId, completionDigest }: EnrolmentDecision,
  result: EnrolmentResult,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable("enrolments")
    .set({
      completion_digest: completionDigest,
      result_sealed: sealer.seal(resultContext(enrolmentId), JSON.stringify(result)),
    })
    .where("enrolment_id", "=", enrolmentId)
    .where("completion_digest", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Overtaken();
}

/** The account's row is the lock under which its devices, certificates and attributes change. */
async function takeAccount(tx: DatabaseTransaction, { accountId, isNew, at }: EnrolmentDecision): Promise<void> {
  if (isNew) {
    await tx.insertInto("accounts").values({ account_id: accountId, created_at: at }).execute();
    return;
  }
  const row = await tx
    .selectFrom("accounts")
    .select("account_id")
    .where("account_id", "=", accountId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new Overtaken();
}

/** The unique rows decide whose account it is when the same person enrols twice at once. */
async function linkCertificates(tx: DatabaseTransaction, { accountId, certificates }: EnrolmentDecision) {
  // In one order everywhere, so that two transactions wait for each other instead of blocking each other.
  const lookups = certificates.map(({ lookup }) => lookup).sort(Buffer.compare);
  await tx
    .insertInto("certificate_accounts")
    .values(lookups.map((serial_lookup) => ({ serial_lookup, account_id: accountId })))
    .onConflict((conflict) => conflict.column("serial_lookup").doNothing())
    .execute();
  const foreign = await tx
    .selectFrom("certificate_accounts")
    .select("account_id")
    .where("serial_lookup", "in", lookups)
    .where("account_id", "<>", accountId)
    .executeTakeFirst();
  if (foreign) throw new Overtaken();
}

async function settleOtherDevices(tx: DatabaseTransaction, decision: EnrolmentDecision): Promise<void> {
  const { accountId, deviceId, otherDevices, at } = decision;
  const active = await tx
    .selectFrom("devices")
    .select("device_id")
    .where("account_id", "=", accountId)
    .where("device_id", "<>", deviceId)
    .where("revoked_at", "is", null)
    .execute();
  const found = active.map(({ device_id }) => device_id).sort();
  if (found.join() !== otherDevices.toSorted().join()) throw new Overtaken();
  if (decision.completion.otherDevices !== "replace") return;
  await revokeDevices(tx, accountId, otherDevices, { at: at, because: "replaced" });
}

async function writeDevice(
  { sealer }: Platform,
  tx: DatabaseTransaction,
  decision: EnrolmentDecision,
  evidenceId: string,
): Promise<void> {
  const { accountId, deviceId, completion, proof, signingCertificate, at } = decision;
  const { device } = completion;
  const columns = {
    authentication_key: JSON.stringify(proof.keys.authentication),
    signing_key: JSON.stringify(proof.keys.signing),
    agreement_key: JSON.stringify(proof.keys.agreement),
    key_level: device.keyLevel,
    platform: device.platform,
    name_sealed: sealer.seal(deviceContext("name_sealed", accountId, deviceId), device.name),
    signing_certificate_sealed: sealer.seal(
      deviceContext("signing_certificate_sealed", accountId, deviceId),
      signingCertificate,
    ),
    enrolled_at: at,
    enrolment_evidence_id: evidenceId,
  };
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("devices")
    .values({ account_id: accountId, device_id: deviceId, ...columns })
    .onConflict((conflict) =>
      conflict.columns(["account_id", "device_id"]).doUpdateSet(columns).where("devices.revoked_at", "is", null),
    )
    .executeTakeFirst();
  // Revoked since it called: it neither comes back nor decides about others.
  if (numInsertedOrUpdatedRows !== 1n) throw new Overtaken();
}

/** The one before, of a device that reads its card again, is superseded. */
async function writeSigningCertificate(tx: DatabaseTransaction, decision: EnrolmentDecision): Promise<void> {
  const { accountId, deviceId, signingCertificate, at } = decision;
  const { serialNumber, notAfter } = parseCertificate(signingCertificate);
  await revokeSigningCertificates(tx, accountId, [deviceId], at);
  await tx
    .insertInto("signing_certificates")
    .values({ serial_number: serialNumber, account_id: accountId, device_id: deviceId, not_after: notAfter })
    .execute();
}

async function writeCertificates(
  { sealer }: Platform,
  tx: DatabaseTransaction,
  { accountId, certificates, proof, at }: EnrolmentDecision,
): Promise<void> {
  const [proven, ...named] = certificates as [NamedCertificate, ...NamedCertificate[]];
  const seal = (column: string, lookup: Buffer, value: object | string) =>
    sealer.seal(
      certificateContext(column, accountId, lookup),
      typeof value === "string" ? value : JSON.stringify(value),
    );
  const columns = {
    source: "proof" as const,
    certificate_sealed: seal(
      "certificate_sealed",
      proven.lookup,
      toStoredCertificate(proof.certificate, proof.issuers),
    ),
    not_after: proof.certificate.notAfter,
    status: "good",
    status_checked_at: at,
    status_evidence_sealed: seal("status_evidence_sealed", proven.lookup, toStoredStatus(proof.status, at)),
    linked_at: at,
  };
  const key = ({ kind, serial, lookup }: NamedCertificate) => ({
    account_id: accountId,
    serial_lookup: lookup,
    kind,
    serial_sealed: seal("serial_sealed", lookup, serial),
  });
  await tx
    .insertInto("certificates")
    .values({ ...key(proven), ...columns })
    .onConflict((conflict) => conflict.columns(["account_id", "serial_lookup"]).doUpdateSet(columns))
    .execute();
  if (named.length === 0) return;
  const rows = named.map((one) => ({
    ...key(one),
    source: "jlis" as const,
    status: one.status,
    status_checked_at: at,
    linked_at: at,
  }));
  await tx
    .insertInto("certificates")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["account_id", "serial_lookup"]).doNothing())
    .execute();
}

/** A new version when the newest one is not from this certificate; answers what in it is different from the one before. */
async function writeAttributes(
  platform: Platform,
  tx: DatabaseTransaction,
  decision: EnrolmentDecision,
): Promise<AttributeChange[]> {
  const { accountId, certificates, proof, at } = decision;
  const serialLookup = certificates[0]!.lookup;
  const newest = await tx
    .selectFrom("attributes")
    .select(["version", "attributes_sealed", "serial_lookup"])
    .where("account_id", "=", accountId)
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirst();
  if (newest?.serial_lookup.equals(serialLookup)) return [];
  const version = (newest?.version ?? 0) + 1;
  await tx
    .insertInto("attributes")
    .values({
      account_id: accountId,
      version,
      attributes_sealed: sealAttributes(platform, accountId, version, proof.attributes),
      source: "signature_certificate",
      serial_lookup: serialLookup,
      verified_at: at,
    })
    .execute();
  if (!newest) return [];
  const before = openAttributes(platform, accountId, newest.version, newest.attributes_sealed);
  const items = differingItems(before, proof.attributes);
  return items.length === 0 ? [] : [{ accountId, version, versionBefore: newest.version, items, at }];
}

/** From now on the account stands on this certificate: whatever had changed has been read from the card. */
async function writeState(
  { clock }: Platform,
  tx: DatabaseTransaction,
  { accountId, certificates, at }: EnrolmentDecision,
): Promise<void> {
  const before = await tx
    .selectFrom("identity_states")
    .select("status")
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  const state = {
    serial_lookup: certificates[0]!.lookup,
    status: "unchanged" as const,
    reason: null,
    changed_at: null,
    checked_at: at,
    source: "card" as const,
  };
  await tx
    .insertInto("identity_states")
    .values({ account_id: accountId, ...state })
    .onConflict((conflict) => conflict.column("account_id").doUpdateSet(state))
    .execute();
  if (before?.status === "changed") {
    await announceStatus(tx, [{ accountId, status: "unchanged", reason: null }], new Date(clock()));
  }
}

/** For J-LIS, which takes the newest one that a person gave for a service. */
async function writeJlisConsent(
  platform: Platform,
  tx: DatabaseTransaction,
  decision: EnrolmentDecision,
): Promise<void> {
  const { accountId, completion, at } = decision;
  const { jlisConsent: document, jlisConsentSignature: signature, certificate } = completion;
  const columns = {
    state: "waiting" as const,
    consent_id: null,
    signed_sealed: sealSignedConsent(platform, accountId, { document, signature, certificate }),
    changed_at: at,
  };
  await tx
    .insertInto("jlis_consents")
    .values({ account_id: accountId, ...columns })
    .onConflict((conflict) => conflict.column("account_id").doUpdateSet(columns))
    .execute();
}

function enrolmentEvidence(platform: Platform, decision: EnrolmentDecision) {
  const { accountId, deviceId, completion, proof, signingCertificate, at } = decision;
  return recordEvidence(platform, {
    accountId,
    kind: "enrolment",
    clientId: null,
    requestId: null,
    time: at.getTime(),
    content: {
      account: decision.isNew ? "created" : "existing",
      device: { deviceId, ...completion.device },
      // The bytes that the card signed, and its signatures, as they came.
      statement: completion.statement,
      statementSignature: completion.statementSignature,
      jlisConsent: completion.jlisConsent,
      jlisConsentSignature: completion.jlisConsentSignature,
      keyPossession: completion.keyPossession,
      certificate: toStoredCertificate(proof.certificate, proof.issuers),
      certificateStatus: toStoredStatus(proof.status, at),
      linkedCertificates: decision.certificates.map(({ kind, serial }) => ({ kind, serial })),
      otherDevices: completion.otherDevices ?? "none",
      signingCertificate: toBase64url(signingCertificate),
      signingAuthority: platform.signingAuthority.chain.map(({ der }) => der.toString("base64")),
    },
  });
}
