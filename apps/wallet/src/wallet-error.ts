export type WalletErrorCode =
  /** The person, or the app on their behalf, broke it off. */
  | "CANCELLED"
  /** The system or the person does not let the app do it. */
  | "DENIED"
  /** This device cannot do it, or no longer has what it needs for it. */
  | "UNAVAILABLE"
  /** The answer is not what it must be. */
  | "MALFORMED";

/** The one error of the app. Its message is for developers and never holds personal data. */
export class WalletError extends Error {
  readonly code: WalletErrorCode;

  constructor(code: WalletErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "WalletError";
    this.code = code;
  }
}
