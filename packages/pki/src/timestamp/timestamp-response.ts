import { DerReader } from "../der/reader.ts";
import { tags } from "../der/tags.ts";
import { element, integer, sequence } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";

const maxOctets = 256 * 1024;

/** PKIFailureInfo (RFC 3161 2.4.2) by the bit that says it. */
const failures = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const;

export type TimestampFailure = keyof typeof failures;

/**
 * The token in an authority's response, as received: for `verifyTimestamp`. Throws `MALFORMED`, `TOO_COMPLEX`, or
 * `TIMESTAMP_REFUSED` when the authority reports a failure.
 */
export function parseTimestampResponse(der: Uint8Array): Buffer {
  if (der.length > maxOctets) throw new PkiError("TOO_COMPLEX", "time-stamp response too long");
  const outer = new DerReader(Buffer.from(der));
  const response = outer.enter(tags.sequence);
  outer.finish();
  const info = response.enter(tags.sequence);
  const status = info.smallInteger();
  if (info.tag === tags.sequence) info.skip();
  const failure = info.tag === tags.bitString ? failureName(info.content(tags.bitString)) : "no reason";
  info.finish();
  // granted or grantedWithMods
  if (status > 1) throw new PkiError("TIMESTAMP_REFUSED", `the authority gave no time stamp: ${failure}`);
  const token = response.element();
  response.finish();
  return token;
}

function failureName(bits: Buffer): string {
  const isSet = (bit: number) => ((bits[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  return Object.entries(failures).find(([, bit]) => isSet(bit))?.[0] ?? "unknown reason";
}

/** A response that grants a token. */
export const timestampResponse = (token: Uint8Array): Uint8Array => sequence(sequence(integer(Buffer.of(0))), token);

/** A response that refuses one. */
export function timestampFailure(why: TimestampFailure): Uint8Array {
  const bit = failures[why];
  const octets = Buffer.alloc((bit >> 3) + 1);
  octets[bit >> 3] = 0x80 >> (bit & 7);
  return sequence(sequence(integer(Buffer.of(2)), element(tags.bitString, Buffer.of(7 - (bit & 7)), octets)));
}
