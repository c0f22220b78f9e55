import {
  canonicalJson,
  type EnrolmentCompletion,
  EnrolmentStatement,
  fromBase64url,
  JlisConsentStatement,
} from "@xid/protocol";
import type { z } from "zod";
import { IdentityError } from "./identity-error.ts";
import { jlisConsent } from "./jlis-consent-text.ts";
import { keyThumbprint } from "./key-thumbprint.ts";

/** How far the time in a statement may be from ours, in seconds: the challenge bounds it the other way. */
export const statementMaxSkew = 15 * 60;

/** A statement with the bytes that the card signed. */
export type Signed<T> = { statement: T; bytes: Uint8Array; signature: Uint8Array };

export type CardStatements = { enrolment: Signed<EnrolmentStatement>; consent: Signed<JlisConsentStatement> };

export type ExpectedStatements = {
  /** Issuer URL. */
  origin: string;
  challenge: string;
  /** Thumbprint of the key that proved itself when the enrolment began. */
  keyThumbprint: string;
  /** The platform's own id at J-LIS. */
  verifierId: string;
  /** Milliseconds since 1970. */
  now: number;
};

/** Reads both statements of a completion; throws `STATEMENT_MISMATCH`. Nothing in them is verified. */
export function parseCardStatements(completion: EnrolmentCompletion): CardStatements {
  return {
    enrolment: parseStatement(EnrolmentStatement, completion.statement, completion.statementSignature),
    consent: parseStatement(JlisConsentStatement, completion.jlisConsent, completion.jlisConsentSignature),
  };
}

/**
 * Verifies that the statements were made for this platform, this enrolment, this device's key and now, and that the consent
 * is to the text as it stands, for our own service and nobody else to ask. That the card signed them is not checked here.
 */
export function verifyStatements(
  { enrolment: { statement: enrolment }, consent: { statement: consent } }: CardStatements,
  expected: ExpectedStatements,
): void {
  for (const { origin, challenge, time } of [enrolment, consent]) {
    if (origin !== expected.origin) throw new IdentityError("STATEMENT_MISMATCH", "made for another platform");
    if (challenge !== expected.challenge) throw new IdentityError("STATEMENT_MISMATCH", "made for another enrolment");
    if (Math.abs(expected.now / 1000 - time) > statementMaxSkew) throw new IdentityError("STATEMENT_STALE");
  }
  if (keyThumbprint(enrolment.keys.authentication) !== expected.keyThumbprint) {
    throw new IdentityError("STATEMENT_MISMATCH", "made for another device");
  }
  if (consent.verifier !== expected.verifierId) {
    throw new IdentityError("STATEMENT_MISMATCH", "consent to another verifier");
  }
  const { provider, name } = jlisConsent.service;
  if (consent.service.provider !== provider || consent.service.name !== name) {
    throw new IdentityError("STATEMENT_MISMATCH", "consent for another service");
  }
  const items = consent.items.toSorted().join();
  if (consent.textVersion !== jlisConsent.textVersion || items !== jlisConsent.items.toSorted().join()) {
    throw new IdentityError("STATEMENT_MISMATCH", "consent to another text");
  }
}

function parseStatement<T extends object>(shape: z.ZodType<T>, text: string, signature: string): Signed<T> {
  try {
    const bytes = fromBase64url(text);
    const statement = shape.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    // One statement has one form: no second reading of the bytes that the card signed.
    if (!Buffer.from(canonicalJson(statement)).equals(bytes)) throw new SyntaxError("not canonical JSON");
    return { statement, bytes, signature: fromBase64url(signature) };
  } catch (cause) {
    throw new IdentityError("STATEMENT_MISMATCH", "a statement is not in its form", { cause });
  }
}
