import { cmsOids, digestOids } from "../cms/oids.ts";
import { buildSignedData, type SignerInput } from "../cms/signed-data.ts";
import { generalizedTime, integer, objectIdentifier, octetString, sequence, unsignedInteger } from "../der/writer.ts";
import type { TimestampRequest } from "./timestamp-request.ts";

export type TimestampIssue = Pick<SignerInput, "certificate" | "furtherCertificates" | "algorithm" | "sign"> & {
  /** The authority's policy; whether the request asks for another is the caller's to check. */
  policy: string;
  /** Never used before by this authority; unsigned. */
  serialNumber: Uint8Array;
  time: Date;
  /** Seconds by which `time` may be wrong. */
  accuracy: number;
};

/**
 * A time-stamp token over what a request asks for (RFC 3161 2.4.2). Throws `PkiError`, `SIGNATURE_INVALID` when the signer
 * does not hold the certificate's key. Neither draws nor remembers serial numbers.
 */
export function issueTimestamp(request: TimestampRequest, issue: TimestampIssue): Promise<Uint8Array> {
  const { hash, digest } = request.imprint;
  const info = sequence(
    integer(Buffer.of(1)),
    objectIdentifier(issue.policy),
    sequence(sequence(objectIdentifier(digestOids[hash])), octetString(digest)),
    unsignedInteger(issue.serialNumber),
    generalizedTime(issue.time),
    sequence(unsignedInteger(Buffer.of(Math.floor(issue.accuracy / 256), issue.accuracy % 256))),
    ...(request.nonce === undefined ? [] : [integer(request.nonce)]),
  );
  const { certificate, furtherCertificates = [], algorithm, sign } = issue;
  return buildSignedData({
    content: info,
    detached: false,
    contentType: cmsOids.timestampInfo,
    certificate,
    furtherCertificates,
    algorithm,
    sign,
    withoutCertificates: !request.certificate,
  });
}
