export type CliErrorCode =
  /** The command line is not one of ours. */
  | "USAGE"
  /** The person at the terminal stopped it. */
  | "INTERRUPTED"
  /** A file could not be read or written. */
  | "FILE"
  /** A port that we need is taken. */
  | "PORT_IN_USE"
  /** A part of `xid up` could not start. */
  | "START_FAILED"
  /** The sandbox said no; `details.sandboxCode` has its code if it gave one. */
  | "SANDBOX_REFUSED"
  /** Nobody answers there. */
  | "UNREACHABLE"
  /** There is no wallet of that person in the data directory, or it has not been enrolled. */
  | "NOT_ENROLLED"
  /** The wallet file is not one of ours. */
  | "WALLET_DAMAGED"
  /** The wallet was enrolled with another platform than the one addressed. */
  | "OTHER_PLATFORM"
  /** The OpenID Provider did not go on with the authorization; `details` holds its error. */
  | "AUTHORIZATION_REFUSED"
  /** The OpenID Provider answered in a way that this browser does not know. */
  | "UNEXPECTED_ANSWER"
  /** The relying party requires an item that `--items` leaves out. */
  | "REQUIRED_ITEM"
  /** That request was not opened by this wallet before. */
  | "NOT_OPENED"
  /** The request is signed with the card, which is not at hand. */
  | "CARD_NEEDED"
  /** The OpenID Provider did not register the client. */
  | "REGISTRATION_REFUSED"
  /** The relying party could not be tried; the message says what to do. */
  | "NOT_TESTABLE"
  /** The relying party took something dishonest; the report before it says what. */
  | "CARELESS"
  /** The evidence waits for the log. */
  | "NOT_LOGGED"
  /** The audit found something; `details` counts. */
  | "EVIDENCE_DAMAGED"
  /** Another process sweeps. */
  | "SWEEP_BUSY";

/** `details` is printed next to code and message with `--json`: JSON values only, no secrets. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly details: Record<string, unknown>;

  constructor(
    code: CliErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "CliError";
    this.code = code;
    this.details = options.details ?? {};
  }
}
