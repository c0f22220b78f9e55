export type TestingErrorCode =
  /** The wallet has not been enrolled. */
  | "NOT_ENROLLED"
  /** That request was not opened by this wallet before. */
  | "NOT_OPENED"
  /** The request is signed with the card, which is not at hand. */
  | "CARD_NEEDED"
  /** The wallet was enrolled with another platform than the one addressed. */
  | "OTHER_PLATFORM"
  /** The OpenID Provider did not go on with the authorization; `details` holds its error. */
  | "AUTHORIZATION_REFUSED"
  /** An answer of another form than promised. */
  | "UNEXPECTED_ANSWER"
  /** Nobody answers there. */
  | "UNREACHABLE"
  /** The sandbox said no. */
  | "SANDBOX_REFUSED"
  /** The relying party cannot be judged; the message says what to do. */
  | "NOT_TESTABLE";

/** What `@xid/sdk/testing` throws, beside `CardError` and `ProtocolError` as they come. `details`: JSON values, no secrets. */
export class TestingError extends Error {
  readonly code: TestingErrorCode;
  readonly details: Record<string, unknown>;

  constructor(
    code: TestingErrorCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "TestingError";
    this.code = code;
    this.details = options.details ?? {};
  }
}
