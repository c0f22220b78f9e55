export type ProtocolErrorCode =
  /** Not in the form that the protocol gives it. */
  | "MALFORMED"
  /** What is to be signed is not what was shown. */
  | "SIGNING_MISMATCH"
  /** The platform answered with a problem document: see `problem`. */
  | "REFUSED"
  /** No answer, or one that is not of this protocol. */
  | "UNREACHABLE"
  /** The relying party's keys could not be read at its `jwks_uri`. */
  | "KEY_UNREACHABLE"
  /** It has no key for encryption there. */
  | "KEY_MISSING"
  /** The key that the platform names is not the relying party's own. */
  | "KEY_MISMATCH"
  /** The card is another person's than the request's. */
  | "OTHER_PERSON";

export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;
  readonly problem: Problem | undefined;

  constructor(code: ProtocolErrorCode, message: string, options: { cause?: unknown; problem?: Problem } = {}) {
    super(message, { cause: options.cause });
    this.name = "ProtocolError";
    this.code = code;
    this.problem = options.problem;
  }
}

import type { Problem } from "./problem.ts";
