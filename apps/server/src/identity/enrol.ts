import { createHash, randomUUID } from "node:crypto";
import { canonicalJson, type EnrolmentCompletion, EnrolmentResult } from "@xid/protocol";
import { registerConsents } from "../continuity/jlis-consent.ts";
import type { Platform } from "../platform.ts";
import { issueSigningCertificate } from "../signature/issue-signing-certificate.ts";
import { activeDevices } from "./devices.ts";
import { findAccount, readPersonCertificates } from "./find-account.ts";
import { IdentityError } from "./identity-error.ts";
import { verifyCardProof } from "./verify-card-proof.ts";
import { type EnrolmentDecision, resultContext, writeEnrolment } from "./write-enrolment.ts";

/** Who calls: the key that proved itself for this call, and the device if it is enrolled already. */
export type EnrolmentCaller = {
  keyThumbprint: string;
  device: { accountId: string; deviceId: string } | undefined;
};

/** How often another enrolment of the same person may come in between before we give up. */
const maxAttempts = 5;

/**
 * Completes an enrolment (design 4.1): from what the card signed to an account, a device and its signing certificate.
 * One person has one account: certificates already proven and J-LIS's links lead to it, on any device and also when two
 * devices enrol at once. When the account has other devices and the person has not said what becomes of them, nothing
 * is written and the challenge stays. The same completion again gets the same answer, also after a crash.
 *
 * Throws `IdentityError`. An enrolled device stays its person's: another person's card is `OTHER_PERSON`.
 */
export async function completeEnrolment(
  platform: Platform,
  caller: EnrolmentCaller,
  enrolmentId: string,
  completion: EnrolmentCompletion,
): Promise<EnrolmentResult> {
  const now = platform.clock();
  const completionDigest = createHash("sha256").update(canonicalJson(completion)).digest();
  const enrolment = await readEnrolment(platform, caller, enrolmentId);
  if (enrolment.completion_digest) return repeatedResult(platform, enrolment, completionDigest);
  if (enrolment.expires_at.getTime() <= now) throw new IdentityError("ENROLMENT_EXPIRED");

  const { challenge } = enrolment;
  const { verifierId } = platform.jpki;
  const { keyThumbprint } = caller;
  const expected = { origin: platform.config.issuer, challenge, keyThumbprint, verifierId, now };
  const proof = await verifyCardProof(platform, completion, expected);
  const at = new Date(await platform.jpki.now());
  const certificates = await readPersonCertificates(platform, proof.certificate.serial);
  const deviceId = caller.device?.deviceId ?? randomUUID();
  const signingCertificate = await issueSigningCertificate(platform.signingAuthority, {
    name: proof.attributes.name,
    deviceId,
    publicKey: proof.signingKey,
    notBefore: at,
    notAfter: proof.certificate.notAfter,
  });

  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const existing = await findAccount(platform.database, certificates);
    if (caller.device && existing !== caller.device.accountId) throw new IdentityError("OTHER_PERSON");
    const others = existing ? await activeDevices(platform, existing, deviceId) : [];
    if (others.length > 0 && completion.otherDevices === undefined) {
      // The other device may be the one that this very completion made, sent twice at once.
      const current = await readEnrolment(platform, caller, enrolmentId);
      if (current.completion_digest) return repeatedResult(platform, current, completionDigest);
      return {
        state: "choose_other_devices",
        otherDevices: others.map(({ name, enrolledAt }) => ({ name, enrolledAt })),
      };
    }
    const decision: EnrolmentDecision = {
      enrolmentId,
      completionDigest,
      completion,
      proof,
      certificates,
      accountId: existing ?? randomUUID(),
      isNew: existing === undefined,
      deviceId,
      isNewDevice: caller.device === undefined,
      signingCertificate,
      otherDevices: others.map((other) => other.deviceId),
      at,
    };
    const written = await writeEnrolment(platform, decision);
    if (written !== "overtaken") {
      await registerConsents(platform, [decision.accountId]);
      return written;
    }
    const again = await readEnrolment(platform, caller, enrolmentId);
    if (again.completion_digest) return repeatedResult(platform, again, completionDigest);
  }
  throw new IdentityError("ACCOUNT_CONFLICT", "other enrolments of the same person came in between");
}

async function readEnrolment({ database }: Platform, { keyThumbprint }: EnrolmentCaller, enrolmentId: string) {
  const row = await database
    .selectFrom("enrolments")
    .selectAll()
    .where("enrolment_id", "=", enrolmentId)
    .where("key_thumbprint", "=", keyThumbprint)
    .executeTakeFirst();
  if (!row) throw new IdentityError("NOT_FOUND");
  return row;
}

type UsedEnrolment = Pick<
  Awaited<ReturnType<typeof readEnrolment>>,
  "enrolment_id" | "completion_digest" | "result_sealed"
>;

function repeatedResult({ sealer }: Platform, used: UsedEnrolment, completionDigest: Buffer): EnrolmentResult {
  if (!used.completion_digest?.equals(completionDigest)) throw new IdentityError("ENROLMENT_USED");
  const text = sealer.open(resultContext(used.enrolment_id), used.result_sealed ?? Buffer.alloc(0)).toString("utf8");
  return EnrolmentResult.parse(JSON.parse(text));
}
