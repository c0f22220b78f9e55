export type JpkiErrorCode =
  /** No trusted certificate authority is configured, or none could be fetched. */
  | "NO_ANCHORS"
  /** A simulated authority in a production start. */
  | "SIMULATED_ANCHOR"
  /** Neither OCSP nor a revocation list could say that a certificate is good or revoked. */
  | "STATUS_UNAVAILABLE"
  /** J-LIS gave no usable answer. */
  | "JLIS_UNAVAILABLE"
  /** J-LIS never issued this serial number. */
  | "JLIS_UNKNOWN_SERIAL";

/** What the outside world of JPKI could not do for us. */
export class JpkiError extends Error {
  readonly code: JpkiErrorCode;

  constructor(code: JpkiErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "JpkiError";
    this.code = code;
  }
}
