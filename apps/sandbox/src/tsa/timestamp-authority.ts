import { createPrivateKey, type KeyObject } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  Certificate,
  CertificateList,
  Extension,
  id_ce_cRLNumber,
  KeyUsageFlags,
  type Name,
  TBSCertList,
  Time,
  Version,
} from "@peculiar/asn1-x509";
import {
  type KeyPair,
  makeKeyPair,
  serialOctets,
  signatureAlgorithm,
  signCertificate,
  signStructure,
  subjectPublicKeyInfo,
} from "../ca/certificate.ts";
import { element, tags } from "../ca/der.ts";
import {
  authorityConstraints,
  authorityKeyIdentifier,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from "../ca/extensions.ts";
import { makeName } from "../ca/names.ts";
import { dayLength } from "../calendar.ts";
import { type Database, transaction } from "../store/database.ts";

/** Who stamps, with a certificate for that alone, below a root for that alone: a simulated accredited authority. */
export type TimestampAuthority = {
  root: Uint8Array;
  rootPrivateKey: KeyObject;
  certificate: Uint8Array;
  privateKey: KeyObject;
};

/** Certificates of Japan's accredited authorities are made for tokens that last some ten years. */
const lifetime = 11 * 365 * dayLength;
const stampsFor = 365 * dayLength;
const timeStamping = "1.3.6.1.5.5.7.3.8";

const rootName = () => makeName(["C", "JP"], ["O", "SIM-TSA"], ["CN", "Simulated time-stamping root"]);
const authorityName = () => makeName(["C", "JP"], ["O", "SIM-TSA"], ["CN", "Simulated time-stamping authority"]);

type Row = { root: Uint8Array; root_private_key: Uint8Array; certificate: Uint8Array; private_key: Uint8Array };

/** The authority that stamps at a time. One stamps for a year; after that, and before any, a new one is made. */
export function timestampAuthority(database: Database, now: Date): TimestampAuthority {
  const read = () => {
    const newest = "SELECT * FROM timestamp_authorities ORDER BY begins_at DESC LIMIT 1";
    const row = database.prepare(newest).get() as (Row & { begins_at: number }) | undefined;
    return row && now.getTime() < row.begins_at + stampsFor ? parseRow(row) : undefined;
  };
  const made = read();
  if (made) return made;
  const keys = { root: makeKeyPair(), own: makeKeyPair() };
  return transaction(database, () => read() ?? parseRow(make(database, now, keys)));
}

/** Roots of all authorities so far, newest first. */
export function timestampRoots(database: Database): Uint8Array[] {
  const rows = database.prepare("SELECT root FROM timestamp_authorities ORDER BY begins_at DESC").all();
  return (rows as { root: Uint8Array }[]).map(({ root }) => root);
}

function parseRow(row: Row): TimestampAuthority {
  const key = (der: Uint8Array) => createPrivateKey({ key: Buffer.from(der), type: "pkcs8", format: "der" });
  const { root, certificate } = row;
  return { root, certificate, rootPrivateKey: key(row.root_private_key), privateKey: key(row.private_key) };
}

function make(database: Database, now: Date, { root, own }: { root: KeyPair; own: KeyPair }): Row {
  const begins = Math.floor(now.getTime() / 1000) * 1000;
  const validity = { notBefore: new Date(begins - dayLength), notAfter: new Date(begins + lifetime) };
  const [rootKey, ownKey] = [subjectPublicKeyInfo(root.publicKey), subjectPublicKeyInfo(own.publicKey)];
  const issue = (serial: number, subject: Name, subjectKey: typeof rootKey, extensions: Extension[]) =>
    signCertificate({ serial, issuer: rootName(), ...validity, subject, subjectKey, extensions }, root.privateKey);
  const row: Row = {
    root: issue(1, rootName(), rootKey, [
      keyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign),
      authorityConstraints(),
      subjectKeyIdentifier(rootKey),
    ]),
    root_private_key: root.privateKey.export({ type: "pkcs8", format: "der" }),
    certificate: issue(2, authorityName(), ownKey, [
      keyUsage(KeyUsageFlags.digitalSignature),
      extendedKeyUsage(timeStamping, true),
      authorityKeyIdentifier(rootKey),
      subjectKeyIdentifier(ownKey),
    ]),
    private_key: own.privateKey.export({ type: "pkcs8", format: "der" }),
  };
  database
    .prepare("INSERT INTO timestamp_authorities VALUES (?, ?, ?, ?, ?)")
    .run(begins, row.root, row.root_private_key, row.certificate, row.private_key);
  return row;
}

/** The root's revocation list: nothing is revoked. Good for a day. */
export function timestampRevocationList({ root, rootPrivateKey }: TimestampAuthority, now: Date): Uint8Array {
  const { subject, subjectPublicKeyInfo: rootKey } = AsnConvert.parse(root, Certificate).tbsCertificate;
  const thisUpdate = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const number = element(tags.integer, Buffer.from(serialOctets(thisUpdate.getTime() / 1000)));
  const tbsCertList = new TBSCertList({
    version: Version.v2,
    signature: signatureAlgorithm(),
    issuer: subject,
    thisUpdate: new Time(thisUpdate),
    nextUpdate: new Time(new Date(thisUpdate.getTime() + dayLength)),
    crlExtensions: [
      authorityKeyIdentifier(rootKey),
      new Extension({ extnID: id_ce_cRLNumber, extnValue: new OctetString(number) }),
    ],
  });
  const signature = signStructure(tbsCertList, rootPrivateKey);
  const list = new CertificateList({ tbsCertList, signatureAlgorithm: signatureAlgorithm(), signature });
  return new Uint8Array(AsnConvert.serialize(list));
}
