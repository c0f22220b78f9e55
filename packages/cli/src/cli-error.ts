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
  /** An answer of another form than promised. */
  | "UNEXPECTED_ANSWER"
  /** The wallet file is not one of ours. */
  | "WALLET_DAMAGED"
  /** The relying party requires an item that `--items` leaves out. */
  | "REQUIRED_ITEM"
  /** The OpenID Provider did not register the client. */
  | "REGISTRATION_REFUSED"
  /** The platform gave a client no token, or its API refused a call; the message says why. */
  | "API_REFUSED"
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
