import { contentDigest } from "@xid/protocol";

/** What a request says of one element: nothing, or which values will do. */
type Constraint = { essential?: boolean; value?: unknown; values?: unknown[]; max_age?: number };

/** One request for verified claims, checked for its form. */
export type VerifiedClaimsRequest = {
  verification: Record<string, unknown>;
  /** Null asks for every claim that there is. */
  claims: Record<string, object | null> | null;
};

/** All that could be answered to anybody: what was verified, how, and what came of it. */
export type VerifiedClaims = { verification: Record<string, unknown>; claims: Record<string, unknown> };

/** Members without which an element of the answer would not be valid (the response schema). */
const alwaysNeeded = ["trust_framework", "type", "check_method", "check_id"];
const neededOfSignatures = ["signature_type", "issuer", "serial_number"];

/** A part of the request cannot be met. */
class Unmet extends Error {}

/**
 * Answers one request by *OpenID Connect for Identity Assurance 1.0*: of `verification` what was asked for and what the
 * answer needs to be valid. Undefined, so that nothing at all is said, where something that `verification` insists on is not
 * so (`value`, `values`, `max_age`, `essential`, a kind of evidence), and where no claim is left.
 *
 * @param available `claims` are those that were granted, asked for, and have a wanted value
 * @param now milliseconds since 1970, for `max_age`
 */
export function answerVerifiedClaims(
  asked: VerifiedClaimsRequest["verification"],
  { verification, claims }: VerifiedClaims,
  now: number,
): VerifiedClaims | undefined {
  if (Object.keys(claims).length === 0) return undefined;
  try {
    return { verification: pickObject(asked, verification, now), claims };
  } catch (error) {
    if (error instanceof Unmet) return undefined;
    throw error;
  }
}

function pickObject(asked: Record<string, unknown>, available: Record<string, unknown>, now: number) {
  const answer: Record<string, unknown> = {};
  const needed = available.type === "electronic_signature" ? [...alwaysNeeded, ...neededOfSignatures] : alwaysNeeded;
  for (const [name, value] of Object.entries(available)) {
    if (Object.hasOwn(asked, name)) answer[name] = pick(asked[name], value, now);
    else if (needed.includes(name)) answer[name] = value;
  }
  for (const [name, request] of Object.entries(asked)) {
    if (!Object.hasOwn(available, name) && isDemanding(request)) throw new Unmet();
  }
  return answer;
}

function pick(asked: unknown, available: unknown, now: number): unknown {
  if (asked === null || asked === undefined) return available;
  if (Array.isArray(available)) return pickList(asked as unknown[], available, now);
  if (typeof available === "object" && available !== null) {
    return pickObject(asked as Record<string, unknown>, available as Record<string, unknown>, now);
  }
  const request = asked as Constraint;
  if (!isOneOf(request, available) || isTooOld(request, available, now)) throw new Unmet();
  return available;
}

/** Each template takes every piece that fits it; one that fits none is not met. A piece is told once, by the first. */
function pickList(templates: unknown[], available: unknown[], now: number): unknown[] {
  if (!Array.isArray(templates)) throw new Unmet();
  const answers = new Map<unknown, unknown>();
  for (const template of templates) {
    let fitting = 0;
    for (const piece of available) {
      try {
        const answer = pick(template, piece, now);
        fitting++;
        if (!answers.has(piece)) answers.set(piece, answer);
      } catch (error) {
        if (!(error instanceof Unmet)) throw error;
      }
    }
    if (fitting === 0) throw new Unmet();
  }
  return available.flatMap((piece) => (answers.has(piece) ? [answers.get(piece)] : []));
}

/** Whether leaving the element out would pass over what the relying party insists on. */
function isDemanding(request: unknown): boolean {
  if (Array.isArray(request)) return request.some(isDemanding);
  if (typeof request !== "object" || request === null) return false;
  const { essential, value, values, max_age, ...members } = request as Constraint & Record<string, unknown>;
  const constrained = value !== undefined || values !== undefined || max_age !== undefined;
  return essential === true || constrained || Object.values(members).some(isDemanding);
}

function isOneOf({ value, values }: Constraint, given: unknown): boolean {
  const wanted = value === undefined ? values : [value];
  if (!wanted) return true;
  const digest = contentDigest({ value: given });
  return wanted.some((one) => contentDigest({ value: one }) === digest);
}

function isTooOld({ max_age: maxAge }: Constraint, given: unknown, now: number): boolean {
  if (maxAge === undefined) return false;
  const age = now - Date.parse(String(given));
  return !(age <= maxAge * 1000);
}
