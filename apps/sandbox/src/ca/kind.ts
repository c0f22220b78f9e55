/** Which of the two authorities, and which of the two certificates: 署名用 or 利用者証明用. */
export const kinds = ["signature", "authentication"] as const;
export type Kind = (typeof kinds)[number];

/** The reasons for which a certificate of the JPKI ends (CPS §4.9.9), with their numbers of RFC 5280 §5.3.1. */
export const reasonCodes = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
} as const;
export type Reason = keyof typeof reasonCodes;
