import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Certificate, keyUsage } from "@xid/pki";
import {
  basicConstraints,
  bitString,
  directoryName,
  element,
  explicit,
  extension,
  integer,
  type KeyPair,
  nullValue,
  objectIdentifier,
  sequence,
  setOf,
  subjectKey,
  TestAuthority,
  time,
  unsignedInteger,
  usage,
  utf8String,
} from "@xid/pki/testing";

export const sha256WithRsa = sequence(objectIdentifier("1.2.840.113549.1.1.11"), nullValue());

/** When everything good is valid. */
export const now = "2026-11-24T03:00:00Z";

const keyNames = { authority: 2048, other: 2048, holder: 2048, responder: 2048, weak: 1024 } as const;
export type Keys = Record<keyof typeof keyNames, KeyPair>;

/** The keys of the vectors, in the open; made once, so that the script writes the same each time. */
export function readKeys(file: string): Keys {
  if (!existsSync(file)) {
    const made = Object.entries(keyNames).map(([name, modulusLength]) => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength });
      return [name, privateKey.export({ format: "der", type: "pkcs8" }).toString("base64")];
    });
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(made), null, 2)}\n`);
  }
  const kept = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const pairs = Object.entries(kept).map(([name, der]) => {
    const privateKey = createPrivateKey({ key: Buffer.from(der, "base64"), format: "der", type: "pkcs8" });
    return [name, { privateKey, publicKey: createPublicKey(privateKey) }];
  });
  return Object.fromEntries(pairs) as Keys;
}

const types = { C: "2.5.4.6", O: "2.5.4.10", OU: "2.5.4.11", L: "2.5.4.7", CN: "2.5.4.3" } as const;

/** C is PrintableString, the rest UTF8String. */
export function dn(...parts: readonly (readonly [keyof typeof types, string])[]): Buffer {
  return sequence(
    ...parts.map(([type, value]) => {
      const text = type === "C" ? element(0x13, Buffer.from(value)) : utf8String(value);
      return setOf(sequence(objectIdentifier(types[type]), text));
    }),
  );
}

const agency = "Japan Agency for Local Authority Information Systems";
export const authorityName = dn(["C", "JP"], ["O", "SIM-JPKI"], ["OU", "JPKI for digital signature"], ["OU", agency]);
const japaneseName = dn(
  ["C", "JP"],
  ["O", "模擬公的個人認証サービス"],
  ["OU", "模擬公的個人認証サービス署名用"],
  ["OU", "地方公共団体情報システム機構"],
);

/** Where the list of a municipality stands. */
export const partition = (prefecture: string, municipality: string): Buffer =>
  dn(
    ["C", "JP"],
    ["O", "SIM-JPKI"],
    ["OU", "JPKI for digital signature"],
    ["OU", "CRL Distribution Points"],
    ["OU", prefecture],
    ["CN", `${municipality} CRLDP`],
  );
export const kiyose = partition("Tokyo-to", "Kiyose-shi");

export const distributionPointName = (full: Buffer): Buffer => element(0xa0, element(0xa0, directoryName(full)));

/** A signing CA in the JPKI's form: without authority key identifier and policies. */
export function authorityOf(keys: KeyPair, name = authorityName): TestAuthority {
  const point = sequence(sequence(distributionPointName(name)));
  return new TestAuthority({
    keys,
    name,
    bare: true,
    serial: 0x0134_0001,
    extensions: [
      usage(keyUsage.keyCertSign | keyUsage.cRLSign),
      extension("2.5.29.17", false, sequence(directoryName(japaneseName))),
      basicConstraints(),
      extension("2.5.29.31", false, point),
      subjectKey(keys.publicKey),
    ],
  });
}

export type Holder = {
  name: string;
  birthdate: string;
  gender: string;
  address: string;
  nameSubstitutes: string;
  addressSubstitutes: string;
};

export const hanako: Holder = {
  name: "模擬　花子",
  birthdate: "419900102",
  gender: "2",
  address: "東京都清瀬市中里５丁目８４２番地",
  nameSubstitutes: "00000",
  addressSubstitutes: "0000000000000000",
};

const otherName = (arc: number, value: Buffer): Buffer =>
  element(0xa0, objectIdentifier(`1.2.392.200149.8.5.5.${arc}`), explicit(0, value));

/** In the order of the profile. */
export function personalNames(holder: Holder): Buffer[] {
  return [
    otherName(1, utf8String(holder.name)),
    otherName(4, utf8String(holder.birthdate)),
    otherName(3, utf8String(holder.gender)),
    otherName(5, utf8String(holder.address)),
    otherName(2, utf8String(holder.nameSubstitutes)),
    otherName(6, utf8String(holder.addressSubstitutes)),
  ];
}

/** Everything of a certificate that a vector may break. Extensions by what they are called here, in their order. */
export type Parts = {
  version: Buffer;
  serial: Buffer;
  /** Inside; the one outside stays what it is. */
  algorithm: Buffer;
  issuer: Buffer;
  validity: Buffer;
  subject: Buffer;
  publicKey: Buffer;
  extensions: Record<string, Buffer>;
};

export const policy = (id: string): Buffer =>
  sequence(
    sequence(
      objectIdentifier(id),
      sequence(
        sequence(objectIdentifier("1.3.6.1.5.5.7.2.1"), element(0x16, Buffer.from("http://sim-jpki.invalid/cps.html"))),
      ),
    ),
  );

const spki = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" });

/** 署名用電子証明書 */
export function signatureCertificateParts(authority: TestAuthority, key: KeyObject, holder: Holder): Parts {
  const identifier = sequence(
    authorityKeyIdentifierOf(authority),
    element(0xa1, directoryName(authority.name)),
    element(0x82, authority.certificate.serialNumber),
  );
  return {
    version: explicit(0, integer(Buffer.of(2))),
    serial: unsignedInteger(Buffer.from("0234c4ab", "hex")),
    algorithm: sha256WithRsa,
    issuer: authority.name,
    validity: sequence(time(new Date("2026-04-01T01:23:45Z")), time(new Date("2030-01-02T14:59:59Z"))),
    subject: dn(["C", "JP"], ["L", "Tokyo-to"], ["L", "Kiyose-shi"], ["CN", "2026040110234500000000000001"]),
    publicKey: spki(key),
    extensions: {
      keyUsage: usage(keyUsage.digitalSignature | keyUsage.nonRepudiation),
      policies: extension("2.5.29.32", true, policy("1.2.392.200149.8.5.1.1.20")),
      subjectAltName: extension("2.5.29.17", false, sequence(...personalNames(holder))),
      issuerAltName: extension("2.5.29.18", false, sequence(directoryName(japaneseName))),
      distributionPoints: extension("2.5.29.31", false, sequence(sequence(distributionPointName(kiyose)))),
      authorityKey: extension("2.5.29.35", false, identifier),
      subjectKey: subjectKey(key),
    },
  };
}

/** 利用者証明用電子証明書 */
export function authenticationCertificateParts(authority: TestAuthority, key: KeyObject): Parts {
  const parts = signatureCertificateParts(authority, key, hanako);
  const { issuerAltName, distributionPoints, authorityKey: identifier, subjectKey: own } = parts.extensions;
  const location = element(0x86, Buffer.from("http://ocsp.sim-jpki.invalid"));
  return {
    ...parts,
    serial: unsignedInteger(Buffer.from("0234c4ac", "hex")),
    subject: dn(["C", "JP"], ["CN", "997794E9AGCIEG13221003A"]),
    extensions: {
      keyUsage: usage(keyUsage.digitalSignature),
      extendedKeyUsage: extension("2.5.29.37", false, sequence(objectIdentifier("1.3.6.1.5.5.7.3.2"))),
      policies: extension("2.5.29.32", true, policy("1.2.392.200149.8.5.1.3.30")),
      issuerAltName: issuerAltName!,
      distributionPoints: distributionPoints!,
      access: extension(
        "1.3.6.1.5.5.7.1.1",
        false,
        sequence(sequence(objectIdentifier("1.3.6.1.5.5.7.48.1"), location)),
      ),
      authorityKey: identifier!,
      subjectKey: own!,
    },
  };
}

/** `[0] keyIdentifier` */
function authorityKeyIdentifierOf({ certificate }: TestAuthority): Buffer {
  return element(0x80, certificate.extensions.subjectKeyIdentifier!);
}

export function encode(parts: Parts, signer: KeyObject): Buffer {
  const { version, serial, algorithm, issuer, validity, subject, publicKey, extensions } = parts;
  const list = explicit(3, sequence(...Object.values(extensions)));
  const tbs = sequence(version, serial, algorithm, issuer, validity, subject, publicKey, list);
  return sequence(tbs, sha256WithRsa, bitString(sign("sha256", tbs, signer)));
}

/** An OCSP responder's certificate by the CA. */
export function responderCertificate(authority: TestAuthority, keys: KeyPair, ...extensions: Buffer[]): Certificate {
  return authority.issue({
    subject: dn(["C", "JP"], ["O", "SIM-JPKI"], ["CN", "OCSP responder"]),
    publicKey: keys.publicKey,
    serial: 0x0134_0099,
    extensions: [usage(keyUsage.digitalSignature), ...extensions],
  });
}

export const ocspSigning = extension("2.5.29.37", false, sequence(objectIdentifier("1.3.6.1.5.5.7.3.9")));
export const noCheck = extension("1.3.6.1.5.5.7.48.1.5", false, nullValue());
