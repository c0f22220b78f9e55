import type { Certificate } from "./certificate.ts";
import { PkiError } from "./pki-error.ts";

/** Certificates below the anchor. */
const maxDepth = 12;

/** Signatures that one search may verify, and certificates it may look at as issuer of another. */
const maxSignatures = 100;
const maxSteps = 20_000;

/**
 * All chains, trust anchor first, in which names chain, key identifiers agree and every signature verifies. CAs of one
 * name with different keys are normal and are all tried; no key of one name occurs twice in a chain (RFC 4158 2.4.2).
 * Throws when there are none (`SIGNATURE_INVALID` or what was wrong with an issuer's key, if a name matched; otherwise the
 * search just ends), and `TOO_COMPLEX` when the effort is used up.
 */
export function* findChains(
  certificate: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
): Generator<readonly Certificate[]> {
  const search = new Search(intermediates, anchors);
  yield* search.extend([certificate]);
  if (search.reason !== undefined) throw search.reason;
}

class Search {
  readonly #intermediates: readonly Certificate[];
  readonly #anchors: readonly Certificate[];
  readonly #verified = new Map<Certificate, Map<Certificate, boolean>>();
  #signatures = 0;
  #steps = 0;
  /** Why an issuer that seemed right was not. */
  reason: PkiError | undefined;

  constructor(intermediates: readonly Certificate[], anchors: readonly Certificate[]) {
    this.#intermediates = intermediates;
    this.#anchors = anchors;
  }

  *extend(chain: readonly [Certificate, ...Certificate[]]): Generator<readonly Certificate[]> {
    const [lowest] = chain;
    for (const anchor of this.#anchors) if (this.#issued(anchor, lowest)) yield [anchor, ...chain];
    if (chain.length === maxDepth) {
      this.reason ??= new PkiError("TOO_COMPLEX", `a path of more than ${maxDepth} certificates`);
      return;
    }
    for (const issuer of this.#intermediates) {
      if (chain.some((member) => isSameEntity(member, issuer)) || !this.#issued(issuer, lowest)) continue;
      yield* this.extend([issuer, ...chain]);
    }
  }

  #issued(issuer: Certificate, subject: Certificate): boolean {
    if (++this.#steps > maxSteps) throw new PkiError("TOO_COMPLEX", "too many possible paths");
    if (!subject.namesAsIssuer(issuer)) return false;
    const known = this.#verified.get(subject) ?? new Map<Certificate, boolean>();
    this.#verified.set(subject, known);
    const before = known.get(issuer);
    if (before !== undefined) return before;
    if (++this.#signatures > maxSignatures) throw new PkiError("TOO_COMPLEX", "too many possible issuers");
    const verified = this.#verifies(issuer, subject);
    known.set(issuer, verified);
    return verified;
  }

  #verifies(issuer: Certificate, subject: Certificate): boolean {
    try {
      subject.verifySignedBy(issuer);
      return true;
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      this.reason ??= error;
      return false;
    }
  }
}

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return a === b || (a.publicKeyInfo.der.equals(b.publicKeyInfo.der) && a.subject.equals(b.subject));
}
