/** One input and what must come of it. */
export type Vector = {
  /** `good/…`, or the id of a good one and the way in which it is broken. */
  id: string;
  /** The code of the error that must be thrown, or what must be answered. */
  expect:
    | { code: string }
    | { status: "good" | "unknown" }
    | { status: "revoked"; reason: string; at: string }
    | { kind: string };
  /** Base64 of the DER. */
  der: string;
};

export const base64 = (der: Uint8Array): string => Buffer.from(der).toString("base64");

/** The same octets with one bit another, counted from the end. */
export function changed(der: Buffer, fromEnd: number): Buffer {
  const copy = Buffer.from(der);
  copy[copy.length - fromEnd]! ^= 1;
  return copy;
}
