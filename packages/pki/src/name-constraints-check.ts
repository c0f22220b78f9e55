import type { Certificate } from "./certificate.ts";
import type { GeneralName } from "./general-name.ts";
import type { NameConstraints } from "./name-constraints.ts";
import { isDnsName, splitMailbox, uriHost } from "./name-forms.ts";
import { PkiError } from "./pki-error.ts";

const emailAddress = "1.2.840.113549.1.9.1";

/** Comparisons of one name with one subtree that a whole path may cost. */
const maxComparisons = 100_000;

const violated = (what: string): PkiError => new PkiError("NAME_CONSTRAINTS", what);

/** The name constraints gathered on the way down a path (RFC 5280 6.1.3 (b), (c), 6.1.4 (g)). */
export class NameConstraintsCheck {
  readonly #constraints: NameConstraints[] = [];
  #comparisons = 0;

  add(constraints: NameConstraints): void {
    for (const base of [...constraints.permitted, ...constraints.excluded]) checkBase(base);
    this.#constraints.push(constraints);
  }

  /**
   * Throws `NAME_CONSTRAINTS` when a name of the certificate lies outside what each CA above permits, inside what one
   * excludes, or cannot be compared; `TOO_COMPLEX` when that would take too long.
   */
  verify(certificate: Certificate): void {
    if (this.#constraints.length === 0) return;
    const names = namesOf(certificate);
    for (const { permitted, excluded } of this.#constraints) {
      for (const name of names) {
        this.#spend(permitted.length + excluded.length);
        const bases = permitted.filter((base) => base.form === name.form);
        if (bases.length > 0 && !bases.some((base) => isWithin(name, base, "permitted"))) {
          throw violated(`a ${name.form} that is not permitted`);
        }
        if (excluded.some((base) => base.form === name.form && isWithin(name, base, "excluded"))) {
          throw violated(`a ${name.form} that is excluded`);
        }
      }
    }
  }

  #spend(comparisons: number): void {
    this.#comparisons += comparisons;
    if (this.#comparisons > maxComparisons) throw new PkiError("TOO_COMPLEX", "name constraints");
  }
}

/** Subject, subject alternative names and, when none of those is a mailbox, the mailboxes in the subject. */
function namesOf(certificate: Certificate): GeneralName[] {
  const names: GeneralName[] = [...(certificate.extensions.subjectAltName ?? [])];
  if (!names.some(({ form }) => form === "rfc822Name")) {
    for (const value of certificate.subject.values(emailAddress)) names.push({ form: "rfc822Name", value });
  }
  if (!certificate.subject.isEmpty) names.push({ form: "directoryName", value: certificate.subject });
  return names;
}

/** A form that cannot be compared counts as outside what is permitted and inside what is excluded. */
function isWithin(name: GeneralName, base: GeneralName, list: "permitted" | "excluded"): boolean {
  if (name.form === "directoryName" && base.form === "directoryName") return name.value.startsWith(base.value);
  if (name.form === "dNSName" && base.form === "dNSName") return dnsWithin(name.value, base.value, list);
  if (name.form === "rfc822Name" && base.form === "rfc822Name") return mailboxWithin(name.value, base.value);
  if (name.form === "uniformResourceIdentifier" && base.form === "uniformResourceIdentifier") {
    const host = uriHost(name.value);
    if (host === undefined) throw violated("a URI without a host name");
    return hostWithin(host, base.value.toLowerCase());
  }
  if (name.form === "iPAddress" && base.form === "iPAddress") return addressWithin(name.value, base.value);
  return list === "excluded";
}

/** Zero or more labels added on the left. A wildcard is excluded as soon as one of the names it covers is. */
function dnsWithin(name: string, base: string, list: "permitted" | "excluded"): boolean {
  if (!isDnsName(name, { wildcard: true })) throw violated("a dNSName that is none");
  const lower = name.toLowerCase();
  const subtree = base.toLowerCase();
  if (subtree === "") return true;
  if (!lower.startsWith("*.")) return lower === subtree || lower.endsWith(`.${subtree}`);
  const parent = lower.slice(2);
  if (parent === subtree || parent.endsWith(`.${subtree}`)) return true;
  return list === "excluded" && subtree.slice(subtree.indexOf(".") + 1) === parent;
}

/** A mailbox, all mailboxes of a host, or with a leading period all hosts below a domain. */
function mailboxWithin(name: string, base: string): boolean {
  const mailbox = splitMailbox(name);
  if (mailbox === undefined) throw violated("an rfc822Name that is no mailbox");
  const only = splitMailbox(base);
  if (only !== undefined) return mailbox.local === only.local && mailbox.host === only.host;
  return hostWithin(mailbox.host, base.toLowerCase());
}

function hostWithin(host: string, base: string): boolean {
  return base === "" || (base.startsWith(".") ? host.endsWith(base) : host === base);
}

/** Base is an address and a mask of the same size. */
function addressWithin(address: Buffer, base: Buffer): boolean {
  if (address.length !== 4 && address.length !== 16) throw violated("an iPAddress that is none");
  if (base.length !== address.length * 2) return false;
  return address.every((octet, at) => ((octet ^ base[at]!) & base[address.length + at]!) === 0);
}

/** RFC 5280 4.2.1.10: the forms a base may have. */
function checkBase(base: GeneralName): void {
  switch (base.form) {
    case "dNSName":
      if (base.value !== "" && !isDnsName(base.value, { wildcard: false }))
        throw violated("a subtree that is no DNS name");
      break;
    case "rfc822Name": {
      const host = base.value.replace(/^\./, "");
      if (base.value !== "" && splitMailbox(base.value) === undefined && !isDnsName(host, { wildcard: false })) {
        throw violated("a subtree that is no mailbox, host or domain");
      }
      break;
    }
    case "uniformResourceIdentifier":
      if (base.value !== "" && !isDnsName(base.value.replace(/^\./, ""), { wildcard: false })) {
        throw violated("a subtree that is no host or domain");
      }
      break;
    case "iPAddress":
      if (!isAddressRange(base.value)) throw violated("a subtree that is no address range");
  }
}

/** Address and mask, the mask a run of ones and then zeros (RFC 4632). */
function isAddressRange(base: Buffer): boolean {
  if (base.length !== 8 && base.length !== 32) return false;
  const mask = [...base.subarray(base.length / 2)].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(mask);
}
