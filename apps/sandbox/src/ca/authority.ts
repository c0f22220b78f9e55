import { createPrivateKey, type KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, KeyUsageFlags, type Name, type SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { dayInJapan, dayLength, endOfDay } from "../calendar.ts";
import { recordCertificate } from "../store/certificates.ts";
import { type Database, transaction } from "../store/database.ts";
import { type KeyPair, makeKeyPairs, signCertificate, subjectPublicKeyInfo } from "./certificate.ts";
import {
  authorityConstraints,
  distributionPoint,
  keyUsage,
  subjectDirectoryName,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { type Kind, kinds } from "./kind.ts";
import { authorityName, authorityNameInJapanese } from "./names.ts";
import { makeResponderCertificate } from "./responder.ts";

/** One of the two certification authorities. Self-signed, with nothing between it and what it issues. */
export type Authority = {
  kind: Kind;
  name: Name;
  certificate: Uint8Array;
  serial: ArrayBuffer;
  notBefore: Date;
  notAfter: Date;
  publicKey: SubjectPublicKeyInfo;
  privateKey: KeyObject;
};

export type Authorities = Record<Kind, Authority>;

/** Ten years as in the JPKI, begun so long ago that a resident's past certificates fit in as well as five years to come. */
const yearsBefore = 4.5;
const lifetime = 10;

/** Real serial numbers have a zero in front of their hexadecimal digits; so do these. */
const firstSerial = 0x01000001;

/** Reads both authorities from the store, making them at the first start. */
export async function openAuthorities(database: Database, now: Date): Promise<Authorities> {
  const absent = kinds.filter((kind) => !database.prepare("SELECT 1 FROM authorities WHERE kind = ?").get(kind));
  const keys = await makeKeyPairs(absent.length * 2);
  transaction(database, () => {
    for (const [index, kind] of absent.entries()) {
      makeAuthority(database, kind, { own: keys[index * 2]!, responder: keys[index * 2 + 1]! }, now);
    }
  });
  return { signature: readAuthority(database, "signature"), authentication: readAuthority(database, "authentication") };
}

function makeAuthority(database: Database, kind: Kind, keys: { own: KeyPair; responder: KeyPair }, now: Date): void {
  const name = authorityName(kind);
  const subjectKey = subjectPublicKeyInfo(keys.own.publicKey);
  const notBefore = new Date(Math.floor(now.getTime() / 1000 - yearsBefore * 365.25 * 86_400) * 1000);
  const notAfter = endOfDay(dayInJapan(new Date(notBefore.getTime() + lifetime * 365.25 * dayLength)));
  const extensions = [
    keyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign),
    subjectDirectoryName(authorityNameInJapanese(kind)),
    authorityConstraints(),
    distributionPoint(name),
    subjectKeyIdentifier(subjectKey),
  ];
  const certificate = signCertificate(
    { serial: firstSerial, issuer: name, notBefore, notAfter, subject: name, subjectKey, extensions },
    keys.own.privateKey,
  );
  const authority = parseAuthority(kind, certificate, keys.own.privateKey);
  const responderSerial = firstSerial + 1;
  const responder = makeResponderCertificate(authority, responderSerial, keys.responder.publicKey, now);
  const pkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "der" });
  database
    .prepare("INSERT INTO authorities VALUES (?, ?, ?, ?, ?, ?, 0)")
    .run(
      kind,
      certificate,
      pkcs8(keys.own.privateKey),
      responder.der,
      pkcs8(keys.responder.privateKey),
      responderSerial + 1,
    );
  recordCertificate(database, { kind, serial: firstSerial, personId: null, der: certificate, notBefore, notAfter });
  recordCertificate(database, { kind, serial: responderSerial, personId: null, ...responder });
}

function readAuthority(database: Database, kind: Kind): Authority {
  const row = database.prepare("SELECT certificate, private_key FROM authorities WHERE kind = ?").get(kind) as {
    certificate: Uint8Array;
    private_key: Uint8Array;
  };
  const key = createPrivateKey({ key: Buffer.from(row.private_key), type: "pkcs8", format: "der" });
  return parseAuthority(kind, row.certificate, key);
}

function parseAuthority(kind: Kind, der: Uint8Array, privateKey: KeyObject): Authority {
  const { tbsCertificate: certificate } = AsnConvert.parse(der, Certificate);
  return {
    kind,
    name: certificate.subject,
    certificate: der,
    serial: certificate.serialNumber,
    notBefore: certificate.validity.notBefore.getTime(),
    notAfter: certificate.validity.notAfter.getTime(),
    publicKey: certificate.subjectPublicKeyInfo,
    privateKey,
  };
}
