import { createHash } from "node:crypto";
import { birthdayIn, dayInJapan, endOfDay } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import {
  type Consent,
  consentsOfPerson,
  findConsent,
  latestConsent,
  recordConsent,
  recordConsentEnd,
} from "../store/consents.ts";
import type { Database } from "../store/database.ts";
import { findVerifier } from "../store/verifiers.ts";
import { ConsentDocument, InquiryDocument, WithdrawalDocument } from "./consent-documents.ts";
import { type SignedDocument, verifySignedDocument } from "./signed-document.ts";
import type { Caller, Times } from "./verifier-token.ts";

/** How old a signed document may be when it comes, in seconds: a verifier may have to wait for us. */
const documentMaxAge = 7 * 24 * 60 * 60;
/** A question is answered to whoever brings it, so it lives no longer than the way takes. */
const inquiryMaxAge = 5 * 60;
const consentYears = 10;

export type ConsentState = "valid" | "withdrawn" | "replaced" | "expired";

/** A consent as the interface shows it; times in ISO 8601. */
export type PresentedConsent = {
  consentId: string;
  state: ConsentState;
  service: { provider: string; name: string };
  items: string[];
  registeredAt: string;
  validUntil: string;
  endedAt?: string;
};

/**
 * 提供同意の登録: for one service of one provider, in place of the person's former consent for it. The same document again is
 * answered with what became of it. Throws what `verifySignedDocument` does, OTHER_VERIFIER, and DOCUMENT_STALE for one that
 * was signed before the present consent or its withdrawal.
 */
export function registerConsent(database: Database, caller: Caller, signed: SignedDocument): PresentedConsent {
  const { verifier, now } = caller;
  const id = consentIdOf(signed);
  const known = findConsent(database, id);
  if (known && known.verifierId === verifier.id) return presentConsent(known, now);
  const expected = { shape: ConsentDocument, kind: "signature", times: caller, maxAge: documentMaxAge } as const;
  const { content, personId, bytes } = verifySignedDocument(database, signed, expected);
  if (content.verifier !== verifier.id) {
    throw new SandboxError("OTHER_VERIFIER", "the person consented that another verifier may ask");
  }
  const { provider, name: service } = content.service;
  const signedAt = new Date(content.time * 1000);
  const former = latestConsent(database, { personId, verifierId: verifier.id, provider, service });
  const lastWord = former?.end?.because === "withdrawn" ? former.end.signedAt : former?.signedAt;
  if (lastWord && signedAt < lastWord) {
    throw new SandboxError("DOCUMENT_STALE", "the person has decided otherwise since");
  }
  const consent = {
    ...{ id, verifierId: verifier.id, personId, provider, service, items: content.items },
    ...{ signedAt, registeredAt: now, validUntil: endOfConsent(now) },
  };
  recordConsent(database, consent, bytes);
  if (former && !former.end) recordConsentEnd(database, former, { because: "replaced", at: now, signedAt });
  return presentConsent({ ...consent, end: undefined }, now);
}

/**
 * 同意の撤回, through the verifier or, without one, by the person alone. The same again is answered the same. Throws what
 * `verifySignedDocument` does, CONSENT_UNKNOWN (also for somebody else's) and CONSENT_REPLACED.
 */
export function withdrawConsent(
  database: Database,
  { verifier, ...times }: Times & { verifier?: Caller["verifier"] },
  signed: SignedDocument,
): PresentedConsent {
  const expected = { shape: WithdrawalDocument, kind: "signature", times, maxAge: documentMaxAge } as const;
  const { content, personId, bytes } = verifySignedDocument(database, signed, expected);
  const consent = findConsent(database, content.consentId);
  if (consent?.personId !== personId || (verifier && consent.verifierId !== verifier.id)) throw unknownConsent();
  if (consent.end?.because === "replaced") throw replacedConsent();
  if (consent.end) return presentConsent(consent, times.now);
  const end = { because: "withdrawn", at: times.now, signedAt: new Date(content.time * 1000) } as const;
  recordConsentEnd(database, consent, end, bytes);
  return presentConsent({ ...consent, end }, times.now);
}

/** What became of a consent. Throws CONSENT_UNKNOWN, also for another verifier's. */
export function inquireConsent(database: Database, { verifier, now }: Caller, consentId: string): PresentedConsent {
  const consent = findConsent(database, consentId);
  if (consent?.verifierId !== verifier.id) throw unknownConsent();
  return presentConsent(consent, now);
}

/** 同意状況の照会: a resident's own consents, newest first. Throws what `verifySignedDocument` does. */
export function inquireOwnConsents(
  database: Database,
  { audience, ...times }: Times & { audience: string },
  signed: SignedDocument,
): (PresentedConsent & { verifier: string })[] {
  const expected = { shape: InquiryDocument, kind: "authentication", times, maxAge: inquiryMaxAge } as const;
  const { content, personId } = verifySignedDocument(database, signed, expected);
  if (content.audience !== audience) throw new SandboxError("DOCUMENT_MALFORMED", "the question is for somebody else");
  return consentsOfPerson(database, personId).map((consent) => ({
    ...presentConsent(consent, times.now),
    verifier: findVerifier(database, consent.verifierId)?.name ?? "",
  }));
}

/** A consent under which may be answered now. Throws CONSENT_UNKNOWN, -WITHDRAWN, -REPLACED, -EXPIRED. */
export function requireConsent(database: Database, { verifier, now }: Caller, consentId: string): Consent {
  const consent = findConsent(database, consentId);
  if (consent?.verifierId !== verifier.id) throw unknownConsent();
  switch (stateOf(consent, now)) {
    case "valid":
      return consent;
    case "withdrawn":
      throw new SandboxError("CONSENT_WITHDRAWN", "the person has withdrawn the consent");
    case "replaced":
      throw replacedConsent();
    case "expired":
      throw new SandboxError("CONSENT_EXPIRED", `a consent ends after ${consentYears} years`);
  }
}

/** Of document and certificate, by their bytes: the same words signed by two people are two consents. */
function consentIdOf({ document, certificate }: SignedDocument): string {
  const digests = [document, certificate].map((text) => sha256(Buffer.from(text, "base64url")));
  return sha256(Buffer.concat(digests)).toString("base64url");
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Ten years, counted from the day after: in force at once, until the last second of that day in Japan. */
function endOfConsent(registeredAt: Date): Date {
  const today = dayInJapan(registeredAt);
  return endOfDay(birthdayIn(Number(today.slice(0, 4)) + consentYears, today));
}

function stateOf({ end, validUntil }: Consent, now: Date): ConsentState {
  return end?.because ?? (now > validUntil ? "expired" : "valid");
}

function presentConsent(consent: Consent, now: Date): PresentedConsent {
  const { id, provider, service, items, registeredAt, validUntil, end } = consent;
  return {
    ...{ consentId: id, state: stateOf(consent, now), service: { provider, name: service }, items },
    ...{ registeredAt: registeredAt.toISOString(), validUntil: validUntil.toISOString() },
    ...(end && { endedAt: end.at.toISOString() }),
  };
}

function unknownConsent(): SandboxError {
  return new SandboxError("CONSENT_UNKNOWN", "there is no such consent");
}

function replacedConsent(): SandboxError {
  return new SandboxError("CONSENT_REPLACED", "the person has given a newer consent for the same service");
}
