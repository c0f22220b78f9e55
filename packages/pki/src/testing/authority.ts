import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Certificate, parseCertificate } from "../certificate.ts";
import { DerReader } from "../der/reader.ts";
import { context, contextConstructed, tags } from "../der/tags.ts";
import {
  bitString,
  boolean,
  element,
  explicit,
  generalizedTime,
  integer,
  namedBits,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  unsignedInteger,
  utf8String,
} from "../der/writer.ts";
import { extensionIds, keyUsage } from "../extensions.ts";
import { jpkiPolicies } from "../jpki-profile.ts";
import { readPublicKeyInfo } from "../public-key.ts";

/** The moment at which everything that an authority issues is valid. */
export const now = new Date("2026-11-01T03:00:00Z");
const notBefore = new Date("2026-01-01T00:00:00Z");
const notAfter = new Date("2030-12-31T14:59:59Z");

/** A judge that goes by the machine's clock finds nothing valid any more: its test is skipped, and says so. */
export const isPastTestCertificates = (): boolean => Date.now() > notAfter.getTime();

const signatureAlgorithms = {
  rsa: sequence(objectIdentifier("1.2.840.113549.1.1.11"), nullValue()),
  ec: sequence(objectIdentifier("1.2.840.10045.4.3.2")),
};

export type KeyPair = { publicKey: KeyObject; privateKey: KeyObject };

export const rsaKeyPair = (bits = 2048): KeyPair => generateKeyPairSync("rsa", { modulusLength: bits });
export const ecKeyPair = (namedCurve = "P-256"): KeyPair => generateKeyPairSync("ec", { namedCurve });

export function name(...parts: readonly (readonly [type: string, value: string])[]): Buffer {
  return sequence(...parts.map(([type, value]) => setOf(sequence(objectIdentifier(type), utf8String(value)))));
}

export function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

export const directoryName = (der: Uint8Array): Buffer => element(contextConstructed(4), der);

/** CRLDistributionPoints with one full directoryName. */
export const distributionPoint = (full: Uint8Array): Buffer =>
  sequence(sequence(element(contextConstructed(0), element(contextConstructed(0), directoryName(full)))));

export { generalizedTime };

const keyOctets = (key: KeyObject): Buffer =>
  readPublicKeyInfo(new DerReader(key.export({ format: "der", type: "spki" }))).key;

const keyIdentifier = (key: KeyObject): Buffer => createHash("sha1").update(keyOctets(key)).digest();

export const subjectKey = (key: KeyObject): Buffer =>
  extension(extensionIds.subjectKeyIdentifier, false, octetString(keyIdentifier(key)));

export const authorityKey = (key: KeyObject): Buffer =>
  extension(extensionIds.authorityKeyIdentifier, false, sequence(element(context(0), keyIdentifier(key))));

export const usage = (bits: number): Buffer => extension(extensionIds.keyUsage, true, namedBits(bits));

export const basicConstraints = (pathLength?: number): Buffer =>
  extension(
    extensionIds.basicConstraints,
    true,
    sequence(boolean(true), ...(pathLength === undefined ? [] : [unsignedInteger(Buffer.of(pathLength))])),
  );

export const policies = (critical: boolean, ...ids: string[]): Buffer =>
  extension(extensionIds.certificatePolicies, critical, sequence(...ids.map((id) => sequence(objectIdentifier(id)))));

export type Contents = {
  subject: Buffer;
  publicKey: KeyObject;
  serial?: number;
  issuer?: Buffer;
  notBefore?: Date;
  notAfter?: Date;
  /** Instead of the usual key identifiers none are added. */
  bare?: boolean;
  extensions: readonly Buffer[];
};

/** A CA that signs whatever a test wants. */
export class TestAuthority {
  readonly keys: KeyPair;
  readonly name: Buffer;
  readonly certificate: Certificate;
  #serial = 1;

  constructor(
    options: { keys: KeyPair; name: Buffer; issuer?: TestAuthority } & Partial<
      Pick<Contents, "extensions" | "bare" | "serial">
    >,
  ) {
    this.keys = options.keys;
    this.name = options.name;
    this.certificate = (options.issuer ?? this).issue({
      subject: options.name,
      publicKey: options.keys.publicKey,
      extensions: options.extensions ?? [usage(keyUsage.keyCertSign | keyUsage.cRLSign), basicConstraints()],
      ...(options.bare !== undefined && { bare: options.bare }),
      ...(options.serial !== undefined && { serial: options.serial }),
    });
  }

  issue(contents: Contents): Certificate {
    const identifiers = contents.bare ? [] : [authorityKey(this.keys.publicKey), subjectKey(contents.publicKey)];
    const tbs = sequence(
      explicit(0, integer(Buffer.of(2))),
      unsignedInteger(uint32(contents.serial ?? this.#serial++)),
      this.#algorithm,
      contents.issuer ?? this.name,
      sequence(time(contents.notBefore ?? notBefore), time(contents.notAfter ?? notAfter)),
      contents.subject,
      contents.publicKey.export({ format: "der", type: "spki" }),
      explicit(3, sequence(...contents.extensions, ...identifiers)),
    );
    return parseCertificate(this.signed(tbs));
  }

  /** A certificate, CRL or OCSP response around its signed part. */
  signed(tbs: Buffer, ...after: readonly Buffer[]): Buffer {
    return sequence(tbs, this.#algorithm, bitString(sign("sha256", tbs, this.keys.privateKey)), ...after);
  }

  crl(options: {
    entries?: readonly Buffer[];
    extensions?: readonly Buffer[];
    number?: number | undefined;
    thisUpdate?: Date;
    nextUpdate?: Date;
  }): Buffer {
    const number = extension("2.5.29.20", false, unsignedInteger(uint32(options.number ?? 1)));
    return this.signed(
      sequence(
        integer(Buffer.of(1)),
        this.#algorithm,
        this.name,
        time(options.thisUpdate ?? new Date("2026-11-01T00:00:00Z")),
        time(options.nextUpdate ?? new Date("2026-11-02T00:00:00Z")),
        ...(options.entries === undefined ? [] : [sequence(...options.entries)]),
        explicit(0, sequence(authorityKey(this.keys.publicKey), number, ...(options.extensions ?? []))),
      ),
    );
  }

  get #algorithm(): Buffer {
    return this.keys.privateKey.asymmetricKeyType === "rsa" ? signatureAlgorithms.rsa : signatureAlgorithms.ec;
  }
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

/** A CRL entry with a reason. */
export const revoked = (serialNumber: Uint8Array, reason: number, ...extensions: readonly Buffer[]): Buffer =>
  sequence(
    integer(serialNumber),
    time(new Date("2026-10-31T15:00:00Z")),
    sequence(extension("2.5.29.21", false, element(tags.enumerated, Buffer.of(reason))), ...extensions),
  );

export type Answer = {
  certificate: Certificate;
  issuer: Certificate;
  /** DER of CertStatus; good by default. */
  status?: Buffer;
  thisUpdate?: Date;
  nextUpdate?: Date;
  hash?: "sha1" | "sha256";
};

const hashIds = { sha1: "1.3.14.3.2.26", sha256: "2.16.840.1.101.3.4.2.1" };

function singleResponse({ certificate, issuer, status, thisUpdate, nextUpdate, hash = "sha1" }: Answer): Buffer {
  const digest = (bytes: Buffer): Buffer => createHash(hash).update(bytes).digest();
  return sequence(
    sequence(
      sequence(objectIdentifier(hashIds[hash]), nullValue()),
      octetString(digest(issuer.subject.der)),
      octetString(digest(issuer.publicKeyInfo.key)),
      integer(certificate.serialNumber),
    ),
    status ?? element(context(0)),
    generalizedTime(thisUpdate ?? now),
    ...(nextUpdate === undefined ? [] : [explicit(0, generalizedTime(nextUpdate))]),
  );
}

/** A successful OCSP response signed by an authority's key (the CA itself or a responder of its own). */
export function ocspResponse(
  signer: TestAuthority,
  options: {
    answers: readonly Answer[];
    nonce?: Uint8Array;
    certificates?: readonly Certificate[];
    extensions?: readonly Buffer[];
    /** producedAt */
    time?: Date;
  },
): Buffer {
  const nonce =
    options.nonce === undefined
      ? []
      : [extension("1.3.6.1.5.5.7.48.1.2", false, element(tags.octetString, options.nonce))];
  const extensions = [...nonce, ...(options.extensions ?? [])];
  const tbs = sequence(
    explicit(2, octetString(keyIdentifier(signer.keys.publicKey))),
    generalizedTime(options.time ?? now),
    sequence(...options.answers.map(singleResponse)),
    ...(extensions.length === 0 ? [] : [explicit(1, sequence(...extensions))]),
  );
  const certificates = options.certificates ?? [];
  const basic = signer.signed(
    tbs,
    ...(certificates.length === 0 ? [] : [explicit(0, sequence(...certificates.map(({ der }) => der)))]),
  );
  return sequence(
    element(tags.enumerated, Buffer.of(0)),
    explicit(0, sequence(objectIdentifier("1.3.6.1.5.5.7.48.1.1"), octetString(basic))),
  );
}

const otherName = (type: string, value: string): Buffer =>
  element(contextConstructed(0), objectIdentifier(type), explicit(0, utf8String(value)));

export const holder = {
  name: "架空　花子",
  birthdate: "420000229",
  gender: "2",
  address: "東京都架空区中央一丁目２番３号",
  nameSubstitutes: "00010",
  addressSubstitutes: "000000000000000",
};

/** subjectAltName of a signature certificate, in the order of the JPKI. */
export function personalNames(person: typeof holder): Buffer {
  const arc = "1.2.392.200149.8.5.5";
  return extension(
    extensionIds.subjectAltName,
    false,
    sequence(
      otherName(`${arc}.1`, person.name),
      otherName(`${arc}.4`, person.birthdate),
      otherName(`${arc}.3`, person.gender),
      otherName(`${arc}.5`, person.address),
      otherName(`${arc}.2`, person.nameSubstitutes),
      otherName(`${arc}.6`, person.addressSubstitutes),
    ),
  );
}

export const signatureUsage = usage(keyUsage.digitalSignature | keyUsage.nonRepudiation);

/** A CA and a signature certificate below it, shaped as the JPKI's. */
export function jpkiWorld(): { authority: TestAuthority; leafKeys: KeyPair; leaf: Certificate; partition: Buffer } {
  const authorityName = name(["2.5.4.6", "JP"], ["2.5.4.10", "TEST-JPKI"], ["2.5.4.11", "JPKI for digital signature"]);
  const authority = new TestAuthority({ keys: rsaKeyPair(), name: authorityName });
  const leafKeys = rsaKeyPair();
  const partition = name(["2.5.4.6", "JP"], ["2.5.4.10", "TEST-JPKI"], ["2.5.4.3", "Kaku-ku CRLDP"]);
  const leaf = authority.issue({
    subject: name(["2.5.4.6", "JP"], ["2.5.4.7", "Tokyo-to"], ["2.5.4.3", "2026010112000000000000000001"]),
    publicKey: leafKeys.publicKey,
    serial: 0x0132c4ab,
    extensions: [
      signatureUsage,
      policies(true, jpkiPolicies.signature),
      personalNames(holder),
      extension(extensionIds.crlDistributionPoints, false, distributionPoint(partition)),
    ],
  });
  return { authority, leafKeys, leaf, partition };
}
