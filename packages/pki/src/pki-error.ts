export type PkiErrorCode =
  /** Not the DER, or not the structure, that the specification asks for. */
  | "MALFORMED"
  /** Well-formed, but a feature that this package leaves out: see the README. */
  | "UNSUPPORTED"
  /** A key or hash below RSA 2048, P-256 or SHA-256. */
  | "WEAK_ALGORITHM"
  /** Verification was asked for without a single trust anchor. */
  | "NO_TRUST_ANCHORS"
  /** No chain of issuers leads to a trust anchor. */
  | "UNTRUSTED"
  /** The search or comparison would cost more than an honest certificate needs. */
  | "TOO_COMPLEX"
  | "SIGNATURE_INVALID"
  /** What was signed or stamped is another content than the one given. */
  | "DIGEST_MISMATCH"
  /** The certificate of a signer is neither in the signature nor among those given. */
  | "NO_SIGNER_CERTIFICATE"
  /** The signer signed for another certificate than the one found. */
  | "SIGNING_CERTIFICATE_MISMATCH"
  | "EXPIRED"
  | "NOT_YET_VALID"
  | "NOT_A_CA"
  | "PATH_LENGTH"
  | "KEY_USAGE"
  | "POLICY"
  | "NAME_CONSTRAINTS"
  | "UNKNOWN_CRITICAL_EXTENSION"
  /** Well-formed, but against a rule of RFC 5280 section 4 or of the JPKI profile. */
  | "PROFILE"
  /** The certificate does not name the host or address that was asked for. */
  | "NAME_MISMATCH"
  | "REVOKED"
  /** No usable revocation information for this certificate. */
  | "STATUS_UNKNOWN"
  /** Revocation information that is too old, or not yet current. */
  | "STALE"
  | "NONCE_MISMATCH"
  /** A PDF without a signature. */
  | "NO_SIGNATURE"
  /** A PDF signature that is not over everything of its revision. */
  | "BYTE_RANGE"
  /** A PDF that was changed after it was signed, in a way that may change what is seen. */
  | "CHANGED_LATER"
  /** A time-stamping authority answered that it gives no time stamp. */
  | "TIMESTAMP_REFUSED"
  /** A proof of a transparency log that does not lead to the root. */
  | "PROOF_INVALID";

/** The only error this package throws on any input from outside. */
export class PkiError extends Error {
  readonly code: PkiErrorCode;

  constructor(code: PkiErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "PkiError";
    this.code = code;
  }
}
