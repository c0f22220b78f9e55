import type { DerReader } from "./der/reader.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { type DistributionPoint, readDistributionPoints } from "./distribution-point.ts";
import { type GeneralName, readGeneralName, readGeneralNames } from "./general-name.ts";
import { type NameConstraints, readNameConstraints } from "./name-constraints.ts";
import { PkiError } from "./pki-error.ts";

/** Bits of the keyUsage extension (RFC 5280 4.2.1.3). */
export const keyUsage = {
  digitalSignature: 1 << 0,
  nonRepudiation: 1 << 1,
  keyEncipherment: 1 << 2,
  dataEncipherment: 1 << 3,
  keyAgreement: 1 << 4,
  keyCertSign: 1 << 5,
  cRLSign: 1 << 6,
} as const;

export const anyPolicy = "2.5.29.32.0";

/** Extensions by short name, for `critical`. */
export const extensionIds = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  issuerAltName: "2.5.29.18",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  authorityKeyIdentifier: "2.5.29.35",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
  freshestCrl: "2.5.29.46",
  inhibitAnyPolicy: "2.5.29.54",
  authorityInfoAccess: "1.3.6.1.5.5.7.1.1",
  ocspNoCheck: "1.3.6.1.5.5.7.48.1.5",
} as const;

export type AuthorityKeyIdentifier = {
  readonly keyIdentifier?: Buffer;
  readonly issuer?: readonly GeneralName[];
  /** Content octets of the INTEGER. */
  readonly serialNumber?: Buffer;
};

/** What the extensions of a certificate say. An absent extension is `undefined`. */
export type Extensions = {
  /** Dotted identifiers of every extension marked critical, known or not. */
  critical: Set<string>;
  authorityKeyIdentifier?: AuthorityKeyIdentifier;
  subjectKeyIdentifier?: Buffer;
  /** Sum of `keyUsage` bits. */
  keyUsage?: number;
  certificatePolicies?: readonly string[];
  policyMappings?: readonly { readonly issuer: string; readonly subject: string }[];
  subjectAltName?: readonly GeneralName[];
  basicConstraints?: { readonly ca: boolean; readonly pathLength: number | undefined };
  nameConstraints?: NameConstraints;
  policyConstraints?: { readonly requireExplicit: number | undefined; readonly inhibitMapping: number | undefined };
  extendedKeyUsage?: readonly string[];
  crlDistributionPoints?: readonly DistributionPoint[];
  inhibitAnyPolicy?: number;
  authorityInfoAccess?: readonly { readonly method: string; readonly location: GeneralName }[];
  /** RFC 6960 4.2.2.2.1: this responder's certificate is not looked up. */
  ocspNoCheck?: true;
};

/** A list of more extensions, policies or mappings is refused. */
const maxEntries = 256;

/** Reads `[3] Extensions` at the end of a TBSCertificate. Throws `MALFORMED` on a repeated or broken known extension. */
export function readExtensions(tbs: DerReader): Extensions {
  const extensions: Extensions = { critical: new Set() };
  if (tbs.tag !== contextConstructed(3)) return extensions;
  const explicit = tbs.enter(contextConstructed(3));
  readExtensionList(explicit, (id, critical, value) => {
    if (critical) extensions.critical.add(id);
    const read = readers[id];
    if (read === undefined) return;
    read(value, extensions);
    value.finish();
  });
  explicit.finish();
  return extensions;
}

/** Calls `each` with every extension of a list; RFC 5280 4.2: none twice, at least one. */
export function readExtensionList(
  reader: DerReader,
  each: (id: string, critical: boolean, value: DerReader) => void,
): void {
  const list = reader.enter(tags.sequence);
  const seen: string[] = [];
  do {
    const extension = list.enter(tags.sequence);
    const id = extension.oid();
    const critical = extension.flag();
    const value = extension.enter(tags.octetString);
    extension.finish();
    if (seen.includes(id)) throw new PkiError("MALFORMED", `extension ${id} twice`);
    if (seen.length === maxEntries) throw new PkiError("TOO_COMPLEX", `more than ${maxEntries} extensions`);
    seen.push(id);
    each(id, critical, value);
  } while (!list.done);
}

/** A non-empty SEQUENCE OF. */
function readList<T>(reader: DerReader, read: (sequence: DerReader) => T): T[] {
  const sequence = reader.enter(tags.sequence);
  const values: T[] = [];
  do {
    if (values.length === maxEntries) throw new PkiError("TOO_COMPLEX", `more than ${maxEntries} entries`);
    values.push(read(sequence));
  } while (!sequence.done);
  return values;
}

const readers: Readonly<Record<string, (value: DerReader, extensions: Extensions) => void>> = {
  [extensionIds.subjectKeyIdentifier](value, extensions) {
    extensions.subjectKeyIdentifier = value.content(tags.octetString);
  },
  [extensionIds.keyUsage](value, extensions) {
    extensions.keyUsage = value.namedBits();
  },
  [extensionIds.subjectAltName](value, extensions) {
    extensions.subjectAltName = readGeneralNames(value);
  },
  [extensionIds.basicConstraints](value, extensions) {
    const sequence = value.enter(tags.sequence);
    const ca = sequence.flag();
    const pathLength = sequence.done ? undefined : sequence.smallInteger();
    sequence.finish();
    extensions.basicConstraints = { ca, pathLength };
  },
  [extensionIds.nameConstraints](value, extensions) {
    extensions.nameConstraints = readNameConstraints(value);
  },
  [extensionIds.crlDistributionPoints](value, extensions) {
    extensions.crlDistributionPoints = readDistributionPoints(value);
  },
  [extensionIds.certificatePolicies](value, extensions) {
    const policies = readList(value, (sequence) => {
      const information = sequence.enter(tags.sequence);
      const policy = information.oid();
      if (!information.done) readPolicyQualifiers(information);
      information.finish();
      return policy;
    });
    // RFC 5280 4.2.1.4: a policy must not appear more than once.
    if (policies.length > 1 && new Set(policies).size !== policies.length)
      throw new PkiError("MALFORMED", "a certificate policy twice");
    extensions.certificatePolicies = policies;
  },
  [extensionIds.policyMappings](value, extensions) {
    extensions.policyMappings = readList(value, (sequence) => {
      const pair = sequence.enter(tags.sequence);
      const mapping = { issuer: pair.oid(), subject: pair.oid() };
      pair.finish();
      return mapping;
    });
  },
  [extensionIds.authorityKeyIdentifier](value, extensions) {
    const sequence = value.enter(tags.sequence);
    const keyIdentifier = sequence.tag === context(0) ? sequence.content(context(0)) : undefined;
    const issuer =
      sequence.tag === contextConstructed(1) ? readGeneralNames(sequence, contextConstructed(1)) : undefined;
    const serialNumber = sequence.tag === context(2) ? sequence.integer(context(2)) : undefined;
    sequence.finish();
    // RFC 5280 appendix A.2: issuer and serial number come together.
    if ((issuer === undefined) !== (serialNumber === undefined)) {
      throw new PkiError("MALFORMED", "authority key identifier names half a certificate");
    }
    extensions.authorityKeyIdentifier = {
      ...(keyIdentifier && { keyIdentifier }),
      ...(issuer && { issuer }),
      ...(serialNumber && { serialNumber }),
    };
  },
  [extensionIds.policyConstraints](value, extensions) {
    const sequence = value.enter(tags.sequence);
    if (sequence.done) throw new PkiError("MALFORMED", "empty policy constraints");
    const requireExplicit = sequence.tag === context(0) ? sequence.smallInteger(context(0)) : undefined;
    const inhibitMapping = sequence.tag === context(1) ? sequence.smallInteger(context(1)) : undefined;
    sequence.finish();
    extensions.policyConstraints = { requireExplicit, inhibitMapping };
  },
  [extensionIds.extendedKeyUsage](value, extensions) {
    extensions.extendedKeyUsage = readList(value, (sequence) => sequence.oid());
  },
  [extensionIds.inhibitAnyPolicy](value, extensions) {
    extensions.inhibitAnyPolicy = value.smallInteger();
  },
  [extensionIds.authorityInfoAccess](value, extensions) {
    extensions.authorityInfoAccess = readList(value, (sequence) => {
      const description = sequence.enter(tags.sequence);
      const access = { method: description.oid(), location: readGeneralName(description) };
      description.finish();
      return access;
    });
  },
  [extensionIds.ocspNoCheck](value, extensions) {
    if (value.content(tags.null).length !== 0) throw new PkiError("MALFORMED", "NULL with content");
    extensions.ocspNoCheck = true;
  },
};

/** Qualifiers are for people: their structure is read, their content is not kept. */
function readPolicyQualifiers(information: DerReader): void {
  readList(information, (sequence) => {
    const qualifier = sequence.enter(tags.sequence);
    qualifier.skipOid();
    qualifier.skip();
    qualifier.finish();
  });
}
