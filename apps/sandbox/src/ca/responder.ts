import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { Certificate, Extension, KeyUsageFlags } from "@peculiar/asn1-x509";
import { dayLength } from "../calendar.ts";
import { recordCertificate, takeSerial } from "../store/certificates.ts";
import { type Database, transaction } from "../store/database.ts";
import type { Authority } from "./authority.ts";
import { signCertificate, subjectPublicKeyInfo } from "./certificate.ts";
import {
  authorityKeyIdentifier,
  extendedKeyUsage,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { makeName } from "./names.ts";

/** Who signs OCSP answers for a generation of an authority: a delegated responder (RFC 6960 §4.2.2.2). `keyHash` is byKey's. */
export type Responder = { der: Uint8Array; notAfter: Date; keyHash: Uint8Array; privateKey: KeyObject };

const lifetime = 365 * dayLength;
const renewedBefore = 30 * dayLength;

const ocspSigning = "1.3.6.1.5.5.7.3.9";
/** id-pkix-ocsp-nocheck: nobody asks about the responder itself (RFC 6960 §4.2.2.2.1). */
const noCheck = () =>
  new Extension({ extnID: "1.3.6.1.5.5.7.48.1.5", critical: false, extnValue: new OctetString(Uint8Array.of(5, 0)) });

/** The authority's responder, with a new certificate for the same key when the old one has less than a month left. */
export function openResponder(database: Database, authority: Authority, now: Date): Responder {
  const { kind, generation } = authority;
  const row = database
    .prepare("SELECT responder_certificate, responder_private_key FROM authorities WHERE kind = ? AND generation = ?")
    .get(kind, generation) as { responder_certificate: Uint8Array; responder_private_key: Uint8Array };
  const privateKey = createPrivateKey({ key: Buffer.from(row.responder_private_key), type: "pkcs8", format: "der" });
  const responder = parseResponder(row.responder_certificate, privateKey);
  if (!isDue(responder, authority, now)) return responder;
  return transaction(database, () => {
    const serial = takeSerial(database, kind);
    const renewed = makeResponderCertificate(authority, serial, createPublicKey(privateKey), now);
    database
      .prepare("UPDATE authorities SET responder_certificate = ? WHERE kind = ? AND generation = ?")
      .run(renewed.der, kind, generation);
    const own = { kind, generation, personId: null, medium: null, municipality: null };
    recordCertificate(database, { ...own, serial, ...renewed });
    return parseResponder(renewed.der, privateKey);
  });
}

/** Whether it is time for a new certificate: none ends after its authority, nor is there one when that has ended. */
export function isDue({ notAfter }: Responder, authority: Authority, now: Date): boolean {
  const canBeLater = notAfter < authority.notAfter && now < authority.notAfter;
  return canBeLater && notAfter.getTime() - now.getTime() < renewedBefore;
}

function parseResponder(der: Uint8Array, privateKey: KeyObject): Responder {
  const { validity, subjectPublicKeyInfo } = AsnConvert.parse(der, Certificate).tbsCertificate;
  return { der, notAfter: validity.notAfter.getTime(), keyHash: keyIdentifier(subjectPublicKeyInfo), privateKey };
}

export function makeResponderCertificate(authority: Authority, serial: number, publicKey: KeyObject, now: Date) {
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000 - dayLength);
  const notAfter = new Date(Math.min(now.getTime() + lifetime, authority.notAfter.getTime()));
  const subjectKey = subjectPublicKeyInfo(publicKey);
  const der = signCertificate(
    {
      serial,
      issuer: authority.name,
      notBefore,
      notAfter,
      subject: makeName(["C", "JP"], ["O", "SIM-JPKI"], ["CN", `OCSP responder for ${authority.kind}`]),
      subjectKey,
      extensions: [
        keyUsage(KeyUsageFlags.digitalSignature),
        extendedKeyUsage(ocspSigning),
        noCheck(),
        authorityKeyIdentifier(authority.publicKey, { name: authority.name, serial: authority.serial }),
        subjectKeyIdentifier(subjectKey),
      ],
    },
    authority.privateKey,
  );
  return { der, notBefore, notAfter };
}
