import type { Certificate } from "./certificate.ts";
import { anyPolicy } from "./extensions.ts";
import { PkiError } from "./pki-error.ts";

/** One policy at one depth. No parents: the parent is anyPolicy of the depth above. */
type PolicyNode = { readonly parents: readonly string[]; mapped: boolean };

type Level = { readonly nodes: Map<string, PolicyNode>; anyPolicy: boolean };

/**
 * The valid policies of a path as a graph with one node for each policy and depth (RFC 9618), which grows with the size
 * of the certificates and not, like the tree of RFC 5280 6.1.2 (a), with its power.
 */
export class PolicyGraph {
  readonly #levels: Level[] = [{ nodes: new Map(), anyPolicy: true }];

  /** No policy is valid for the path so far. */
  get isNull(): boolean {
    const level = this.#levels.at(-1)!;
    return !level.anyPolicy && level.nodes.size === 0;
  }

  /** RFC 5280 6.1.3 (d), (e) */
  addPolicies(certificate: Certificate, anyPolicyAllowed: boolean): void {
    const level = this.#levels.at(-1)!;
    const policies = certificate.extensions.certificatePolicies;
    if (policies === undefined) {
      level.nodes.clear();
      level.anyPolicy = false;
      return;
    }
    const inheritsAny = level.anyPolicy;
    if (!policies.includes(anyPolicy) || !anyPolicyAllowed) {
      for (const policy of level.nodes.keys()) if (!policies.includes(policy)) level.nodes.delete(policy);
      level.anyPolicy = false;
    }
    if (!inheritsAny) return;
    for (const policy of policies) {
      if (policy !== anyPolicy && !level.nodes.has(policy)) level.nodes.set(policy, { parents: [], mapped: false });
    }
  }

  /** RFC 5280 6.1.4 (a), (b): begins the depth below. Throws `POLICY` on a mapping from or to anyPolicy. */
  addMappings(certificate: Certificate, mappingAllowed: boolean): void {
    const level = this.#levels.at(-1)!;
    const next: Level = { nodes: new Map(), anyPolicy: level.anyPolicy };
    const parents = new Map<string, string[]>();
    for (const { issuer, subject } of certificate.extensions.policyMappings ?? []) {
      if (issuer === anyPolicy || subject === anyPolicy) throw new PkiError("POLICY", "a mapping of anyPolicy");
      if (!mappingAllowed) {
        level.nodes.delete(issuer);
        continue;
      }
      if (!level.nodes.has(issuer) && level.anyPolicy) level.nodes.set(issuer, { parents: [], mapped: true });
      const node = level.nodes.get(issuer);
      if (node === undefined) continue;
      node.mapped = true;
      parents.set(subject, [...(parents.get(subject) ?? []), issuer]);
    }
    for (const [policy, node] of level.nodes) {
      if (!node.mapped) parents.set(policy, [...(parents.get(policy) ?? []), policy]);
    }
    for (const [policy, of] of parents) next.nodes.set(policy, { parents: of, mapped: false });
    this.#levels.push(next);
  }

  /**
   * RFC 5280 6.1.5 (g): the policies, in the trust anchor's words, that hold for the whole path and are acceptable.
   * An empty answer is the NULL tree.
   */
  acceptable(initial: ReadonlySet<string>): Set<string> {
    const last = this.#levels.at(-1)!;
    if (last.anyPolicy) {
      const all = new Set([anyPolicy, ...this.#domainPolicies()]);
      return initial.has(anyPolicy) ? all : new Set(initial);
    }
    const policies = this.#domainPolicies();
    return initial.has(anyPolicy) ? policies : new Set([...policies].filter((policy) => initial.has(policy)));
  }

  /** Policies that hang directly below anyPolicy and reach the last depth. */
  #domainPolicies(): Set<string> {
    const found = new Set<string>();
    let reached = new Set(this.#levels.at(-1)!.nodes.keys());
    for (let depth = this.#levels.length - 1; depth >= 0 && reached.size > 0; depth--) {
      const level = this.#levels[depth]!;
      const above = new Set<string>();
      for (const policy of reached) {
        const node = level.nodes.get(policy);
        if (node === undefined) continue;
        if (node.parents.length === 0) found.add(policy);
        for (const parent of node.parents) above.add(parent);
      }
      reached = above;
    }
    return found;
  }
}
