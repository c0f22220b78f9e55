import { AsnConvert, AsnIntegerArrayBufferConverter, OctetString } from "@peculiar/asn1-schema";
import {
  CertificateList,
  CRLReason,
  type CRLReasons,
  Extension,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from "@peculiar/asn1-x509";
import { dayLength } from "../calendar.ts";
import { countRevoked, revokedCertificates } from "../store/certificates.ts";
import { type Database, transaction } from "../store/database.ts";
import type { Authority } from "./authority.ts";
import { serialOctets, signatureAlgorithm, signStructure } from "./certificate.ts";
import { authorityKeyIdentifier } from "./extensions.ts";
import { reasonCodes } from "./kind.ts";

const lifetime = dayLength;
/** A list is made anew when it is this old, or as soon as a certificate was revoked. */
const maximumAge = 15 * 60 * 1000;

/** The complete CRLs of each generation: version 2, with reasons, numbered upwards also over restarts. */
export class RevocationLists {
  readonly #database: Database;
  readonly #current = new Map<Authority, { der: Uint8Array; madeAt: number; revoked: number }>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** DER. Holds every revocation that was acknowledged before the call. */
  read(authority: Authority, now: Date): Uint8Array {
    const revoked = countRevoked(this.#database, authority.kind, authority.generation);
    const current = this.#current.get(authority);
    if (current && current.revoked === revoked && now.getTime() - current.madeAt < maximumAge) return current.der;
    const der = transaction(this.#database, () => this.#make(authority, now));
    this.#current.set(authority, { der, madeAt: now.getTime(), revoked });
    return der;
  }

  #make(authority: Authority, now: Date): Uint8Array {
    const { kind, generation } = authority;
    const { number } = this.#database
      .prepare(
        `UPDATE authorities SET crl_number = crl_number + 1 WHERE kind = ? AND generation = ?
         RETURNING crl_number AS number`,
      )
      .get(kind, generation) as { number: number };
    const entries = revokedCertificates(this.#database, kind, generation).map(({ serial, revocation }) => {
      const entry = new RevokedCertificate({
        userCertificate: serialOctets(serial),
        revocationDate: new Time(revocation.at),
      });
      // RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
      if (revocation.reason !== "unspecified") {
        const reason = AsnConvert.serialize(new CRLReason(reasonCodes[revocation.reason] as CRLReasons));
        entry.crlEntryExtensions = [
          new Extension({ extnID: id_ce_cRLReasons, critical: false, extnValue: new OctetString(reason) }),
        ];
      }
      return entry;
    });
    const crlNumber = AsnIntegerArrayBufferConverter.toASN(serialOctets(number)).toBER();
    const thisUpdate = Math.floor(now.getTime() / 1000) * 1000;
    const tbsCertList = new TBSCertList({
      version: Version.v2,
      signature: signatureAlgorithm(),
      issuer: authority.name,
      thisUpdate: new Time(new Date(thisUpdate)),
      nextUpdate: new Time(new Date(thisUpdate + lifetime)),
      crlExtensions: [
        authorityKeyIdentifier(authority.publicKey),
        new Extension({ extnID: id_ce_cRLNumber, critical: false, extnValue: new OctetString(crlNumber) }),
      ],
    });
    // RFC 5280 §5.1.2.6: with no revoked certificates the list is absent, not empty.
    if (entries.length > 0) tbsCertList.revokedCertificates = entries;
    const signature = signStructure(tbsCertList, authority.privateKey);
    const list = new CertificateList({ tbsCertList, signatureAlgorithm: signatureAlgorithm(), signature });
    return new Uint8Array(AsnConvert.serialize(list));
  }
}
