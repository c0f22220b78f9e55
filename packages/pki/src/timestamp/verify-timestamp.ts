import { hash as digest } from "node:crypto";
import type { Certificate } from "../certificate.ts";
import { readDigestAlgorithm } from "../cms/digest-algorithm.ts";
import { cmsOids } from "../cms/oids.ts";
import { parseSignedData, type SignedData } from "../cms/parse-signed-data.ts";
import { verifyCms } from "../cms/verify-cms.ts";
import { DerReader } from "../der/reader.ts";
import { extensionIds } from "../extensions.ts";
import { type VerifiedPath, verifyPath } from "../path.ts";
import { PkiError } from "../pki-error.ts";
import { type RevocationEvidence, verifyRevocationEvidence } from "../revocation-evidence.ts";
import type { HashName } from "../rsa-signature.ts";
import { parseTstInfo, type TstInfo } from "./tst-info.ts";

const timeStamping = "1.3.6.1.5.5.7.3.8";

/** How far an authority's clock may be ahead of ours, in milliseconds. */
const clockSkew = 60_000;

export type TimestampInput = {
  /** What was stamped, or a function that hashes it. */
  content: Uint8Array | ((hash: HashName) => Buffer);
  /** The nonce of the request; when given, the token must carry the same. */
  nonce?: Uint8Array;
  /** When given, the token must be under one of these. */
  policies?: readonly string[];
  /** CAs that are trusted to name time-stamping authorities. */
  anchors: readonly Certificate[];
  /** Where the authority's certificate and those above it are looked for beside those in the token. */
  certificates?: readonly Certificate[];
  /** When the token is verified: now, or a time at which it is proven to have existed. The authority must be valid then. */
  time: Date;
  /** Until when evidence may be from; `time` without. */
  now?: Date;
  /** About the authority and those above it; `unchecked` leaves revocation to the caller. */
  revocation: RevocationEvidence | "unchecked";
};

export type VerifiedTimestamp = {
  /** The content existed at this time. */
  readonly time: Date;
  /** Milliseconds by which `time` may be wrong; 0 when the authority does not say. */
  readonly accuracy: number;
  readonly policy: string;
  /** Content octets of the INTEGER. */
  readonly serialNumber: Buffer;
  readonly hash: HashName;
  /** Of the authority. */
  readonly path: VerifiedPath;
  /** All certificates that came with the token, unverified. */
  readonly certificates: readonly Certificate[];
};

/**
 * Verifies a time-stamp token (RFC 3161 2.3, 2.4.2; RFC 5816): one signer, whose certificate is named in
 * signing-certificate-v2, is for time stamping only and critically so, and has a path and, unless left to the caller, is
 * not revoked. Throws what `verifyCms`, `verifyPath` and `verifyRevocationEvidence` throw, `DIGEST_MISMATCH` (another
 * content), `NONCE_MISMATCH`, `POLICY`, `KEY_USAGE` or `NOT_YET_VALID` (a time of the future). Tokens that name their
 * certificate by SHA-1 alone (signing-certificate of RFC 2634) are refused.
 */
export function verifyTimestamp(token: Uint8Array, input: TimestampInput): VerifiedTimestamp {
  const { certificates: given = [], anchors, time, revocation } = input;
  const cms = verifyCms(token, { contentType: cmsOids.timestampInfo, certificates: given });
  const [signer, ...others] = cms.signers;
  if (signer === undefined || others.length > 0) throw new PkiError("PROFILE", "a time stamp has one signer");
  const info = parseTstInfo(cms.content!);
  verifyForm(parseSignedData(token), signer.certificate);
  verifyAnswers(info, input);
  if (info.time > time.getTime() + clockSkew) throw new PkiError("NOT_YET_VALID", "a time stamp of the future");
  const { certificate } = signer;
  verifyPurpose(certificate);
  verifyAuthorityName(info, certificate);
  const stampedAt = new Date(info.time);
  certificate.verifyValidAt(stampedAt);
  const intermediates = [...cms.certificates, ...given];
  const path = verifyPath({ certificate, intermediates, anchors, time, extendedKeyUsage: timeStamping });
  if (revocation !== "unchecked") {
    const crls = [...revocation.crls, ...cms.crls];
    verifyRevocationEvidence({
      path,
      evidence: { ...revocation, crls },
      at: stampedAt,
      time: input.now ?? time,
      compromiseReachesBack: true,
    });
  }
  const { accuracy, policy, serialNumber, imprint } = info;
  const { certificates } = cms;
  return { time: stampedAt, accuracy, policy, serialNumber, hash: imprint.hash, path, certificates };
}

/**
 * What time a token names, in milliseconds since 1970. **Nothing is verified**: it tells at which moment to judge the
 * authority in `verifyTimestamp`. Throws what `parseSignedData` and `parseTstInfo` throw.
 */
export function readTimestampTime(token: Uint8Array): number {
  const { content } = parseSignedData(token);
  if (!content) throw new PkiError("MALFORMED", "a time stamp without content");
  return parseTstInfo(content).time;
}

function verifyAnswers(info: TstInfo, { content, nonce, policies }: TimestampInput): void {
  const { hash, digest: stamped } = info.imprint;
  const own = typeof content === "function" ? content(hash) : digest(hash, content, "buffer");
  if (!stamped.equals(own)) throw new PkiError("DIGEST_MISMATCH", "a time stamp over another content");
  if (nonce !== undefined && (info.nonce === undefined || !sameNumber(info.nonce, nonce))) {
    throw new PkiError("NONCE_MISMATCH", "the time stamp is not for this request");
  }
  if (policies !== undefined && !policies.includes(info.policy)) {
    throw new PkiError("POLICY", `a time stamp under the policy ${info.policy}`);
  }
}

/** Content octets of an INTEGER against a magnitude. */
function sameNumber(content: Uint8Array, magnitude: Uint8Array): boolean {
  const digits = (octets: Uint8Array) =>
    Buffer.from(octets)
      .toString("hex")
      .replace(/^(00)+(?=..)/, "");
  return digits(content) === digits(magnitude);
}

/**
 * What no signature covers is as it must be, so that a token cannot be changed anywhere: the version (RFC 5652 5.1), the list of
 * digest algorithms, and the issuer by which the signer names its certificate, octet by octet.
 */
function verifyForm({ version, digestAlgorithms, signers }: SignedData, { issuer }: Certificate): void {
  const [signer] = signers;
  const [algorithm, ...others] = digestAlgorithms.map((der) => readDigestAlgorithm(new DerReader(der)));
  if (version !== 3) throw new PkiError("MALFORMED", "version of the SignedData of a time stamp");
  if (algorithm !== signer!.digestAlgorithm || others.length > 0) {
    throw new PkiError("MALFORMED", "digest algorithms of a time stamp");
  }
  if ("issuer" in signer!.signer && !signer!.signer.issuer.der.equals(issuer.der)) {
    throw new PkiError("NAME_MISMATCH", "the time stamp names the issuer of its certificate otherwise");
  }
}

/** RFC 3161 2.3: this use alone, and critical. */
function verifyPurpose({ extensions }: Certificate): void {
  const { extendedKeyUsage, critical } = extensions;
  const only = extendedKeyUsage?.length === 1 && extendedKeyUsage[0] === timeStamping;
  if (!only || !critical.has(extensionIds.extendedKeyUsage)) {
    throw new PkiError("KEY_USAGE", "the certificate is not for time stamping alone");
  }
}

/** RFC 3161 2.4.2: where the token names its authority, it is as the certificate does. */
function verifyAuthorityName({ authority }: TstInfo, { subject, extensions }: Certificate): void {
  if (authority?.form !== "directoryName") return;
  const names = extensions.subjectAltName ?? [];
  const named = names.some((name) => name.form === "directoryName" && name.value.equals(authority.value));
  if (!named && !subject.equals(authority.value)) {
    throw new PkiError("NAME_MISMATCH", "the time stamp names another authority");
  }
}
