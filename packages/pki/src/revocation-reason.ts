/** CRLReason (RFC 5280 5.3.1), in its words. */
const reasons = {
  0: "unspecified",
  1: "keyCompromise",
  2: "cACompromise",
  3: "affiliationChanged",
  4: "superseded",
  5: "cessationOfOperation",
  6: "certificateHold",
  8: "removeFromCRL",
  9: "privilegeWithdrawn",
  10: "aACompromise",
} as const;

export type RevocationReason = (typeof reasons)[keyof typeof reasons];

export function reasonCode(reason: RevocationReason): number {
  return Number(Object.entries(reasons).find(([, text]) => text === reason)![0]);
}

const byCode: readonly (RevocationReason | undefined)[] = Array.from(
  { length: 11 },
  (_, code) => reasons[code as keyof typeof reasons],
);

export function reasonText(code: number): RevocationReason | undefined {
  return byCode[code];
}
