import type { Certificate } from "./certificate.ts";
import { verifyCertificateProfile } from "./certificate-profile.ts";
import { anyPolicy, extensionIds, keyUsage } from "./extensions.ts";
import { NameConstraintsCheck } from "./name-constraints-check.ts";
import { findChains } from "./path-search.ts";
import { PkiError } from "./pki-error.ts";
import { PolicyGraph } from "./policy-graph.ts";

export type PathInput = {
  certificate: Certificate;
  /** In any order; ones that do not belong are ignored. */
  intermediates?: readonly Certificate[];
  /** CA certificates that are trusted. They are checked like any other CA certificate, validity included. */
  anchors: readonly Certificate[];
  time: Date;
  /** Every path must be valid for one of these policies (initial-explicit-policy and user-initial-policy-set). */
  requiredPolicies?: readonly string[];
  /** One of these must be among the certificate's extended key usages; anyExtendedKeyUsage does not count. */
  extendedKeyUsage?: string;
  /** How many intermediate CAs that are not self-issued there may be. */
  maxPathLength?: number;
  /** The remaining inputs of RFC 5280 6.1.1, which few callers need. */
  initial?: {
    policies?: readonly string[];
    explicitPolicy?: boolean;
    inhibitPolicyMapping?: boolean;
    inhibitAnyPolicy?: boolean;
  };
};

export type VerifiedPath = {
  readonly certificate: Certificate;
  readonly anchor: Certificate;
  /** From the certificate that the anchor issued down to `certificate`. */
  readonly path: readonly Certificate[];
  /** The policies the path is valid for, in the anchor's words; empty when none is. */
  readonly policies: ReadonlySet<string>;
};

/**
 * Finds and validates a path from a trust anchor to the certificate (RFC 5280 section 6.1) and answers the first valid
 * one. Throws what was wrong with the first complete path, or why none was found.
 * Does not check revocation, and nothing about what the certificate is used for beyond `extendedKeyUsage`.
 */
export function verifyPath(input: PathInput): VerifiedPath {
  if (input.anchors.length === 0) throw new PkiError("NO_TRUST_ANCHORS", "no trust anchors");
  let reason: PkiError | undefined;
  try {
    for (const chain of findChains(input.certificate, input.intermediates ?? [], input.anchors)) {
      try {
        return validate(chain, input);
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
        reason ??= error;
      }
    }
  } catch (error) {
    throw reason ?? error;
  }
  throw reason ?? new PkiError("UNTRUSTED", "no path to a trust anchor");
}

/** RFC 5280 6.1 over one chain, trust anchor first, whose signatures and names are already known to match. */
function validate(chain: readonly Certificate[], input: PathInput): VerifiedPath {
  const [anchor, ...path] = chain as [Certificate, ...Certificate[]];
  const certificate = path.at(-1)!;
  const initialPolicies = new Set(input.requiredPolicies ?? input.initial?.policies ?? [anyPolicy]);
  const explicit = input.requiredPolicies !== undefined || input.initial?.explicitPolicy === true;

  // RFC 5280 6.1.2
  const n = path.length;
  const graph = new PolicyGraph();
  const names = new NameConstraintsCheck();
  let explicitPolicy = explicit ? 0 : n + 1;
  let inhibitAnyPolicy = input.initial?.inhibitAnyPolicy === true ? 0 : n + 1;
  let policyMapping = input.initial?.inhibitPolicyMapping === true ? 0 : n + 1;
  let maxPathLength = input.maxPathLength ?? n;

  verifyAnchor(anchor, input.time);
  maxPathLength = Math.min(maxPathLength, anchor.extensions.basicConstraints?.pathLength ?? n);
  if (anchor.extensions.nameConstraints !== undefined) names.add(anchor.extensions.nameConstraints);

  for (const [index, current] of path.entries()) {
    const last = index === n - 1;
    const { extensions } = current;
    const selfIssued = !last && current.isSelfIssued;

    // 6.1.3. The last certificate is never treated as self-issued.
    current.verifyValidAt(input.time);
    verifyCertificateProfile(current);
    if (!selfIssued) names.verify(current);
    graph.addPolicies(current, inhibitAnyPolicy > 0 || selfIssued);
    if (explicitPolicy === 0 && graph.isNull) throw new PkiError("POLICY", "no valid policy");

    if (last) break;

    // 6.1.4
    graph.addMappings(current, policyMapping > 0);
    if (extensions.nameConstraints !== undefined) names.add(extensions.nameConstraints);
    if (!selfIssued) {
      explicitPolicy = Math.max(explicitPolicy - 1, 0);
      policyMapping = Math.max(policyMapping - 1, 0);
      inhibitAnyPolicy = Math.max(inhibitAnyPolicy - 1, 0);
    }
    explicitPolicy = Math.min(explicitPolicy, extensions.policyConstraints?.requireExplicit ?? explicitPolicy);
    policyMapping = Math.min(policyMapping, extensions.policyConstraints?.inhibitMapping ?? policyMapping);
    inhibitAnyPolicy = Math.min(inhibitAnyPolicy, extensions.inhibitAnyPolicy ?? inhibitAnyPolicy);
    verifyIssuer(current);
    if (!selfIssued && maxPathLength-- <= 0) throw new PkiError("PATH_LENGTH", "more CAs than the path may have");
    maxPathLength = Math.min(maxPathLength, extensions.basicConstraints?.pathLength ?? maxPathLength);
  }

  // 6.1.5
  explicitPolicy = Math.max(explicitPolicy - 1, 0);
  if (certificate.extensions.policyConstraints?.requireExplicit === 0) explicitPolicy = 0;
  const policies = graph.acceptable(initialPolicies);
  if (explicitPolicy === 0 && policies.size === 0) throw new PkiError("POLICY", "no acceptable policy");
  verifyPurpose(certificate, input.extendedKeyUsage);
  // The key goes out as verified, so it must be one that this package stands for.
  void certificate.verificationKey;
  return { certificate, anchor, path, policies };
}

function verifyAnchor(anchor: Certificate, time: Date): void {
  anchor.verifyValidAt(time);
  verifyCertificateProfile(anchor);
  verifyIssuer(anchor);
  if (!anchor.extensions.critical.has(extensionIds.basicConstraints)) {
    throw new PkiError("PROFILE", "a trust anchor must mark its basic constraints critical");
  }
}

/** RFC 5280 6.1.4 (k), (n): may issue certificates. */
function verifyIssuer(certificate: Certificate): void {
  const { basicConstraints, keyUsage: usage } = certificate.extensions;
  if (basicConstraints?.ca !== true) throw new PkiError("NOT_A_CA", "an issuer that is not a CA");
  if (usage !== undefined && (usage & keyUsage.keyCertSign) === 0) {
    throw new PkiError("KEY_USAGE", "an issuer whose key may not sign certificates");
  }
}

/** A critical restriction of use that nobody looks at is as good as an unknown critical extension. */
function verifyPurpose(certificate: Certificate, required: string | undefined): void {
  const { extendedKeyUsage, critical } = certificate.extensions;
  if (required === undefined) {
    if (critical.has(extensionIds.extendedKeyUsage)) {
      throw new PkiError("KEY_USAGE", "the certificate is for certain uses only");
    }
  } else if (extendedKeyUsage?.includes(required) !== true) {
    throw new PkiError("KEY_USAGE", `the certificate is not for ${required}`);
  }
}
