import { createHash } from "node:crypto";
import {
  BasicOCSPResponse,
  type CertID,
  CertStatus,
  id_pkix_ocsp_basic,
  id_pkix_ocsp_nonce,
  KeyHash,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseBytes,
  ResponseData,
  RevokedInfo,
  SingleResponse,
} from "@peculiar/asn1-ocsp";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { CRLReason, type CRLReasons, type Extension } from "@peculiar/asn1-x509";
import { findCertificate } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import type { Authorities, Authority } from "./authority.ts";
import { parseSerial, signatureAlgorithm, signStructure } from "./certificate.ts";
import { type Kind, reasonCodes } from "./kind.ts";
import { isDue, openResponder, type Responder } from "./responder.ts";

/** As often as the JPKI's own responder takes in new revocations; ours knows them at once. */
const updatedEvery = 15 * 60 * 1000;
const maximumRequests = 32;
const nonceSizes = { minimum: 1, maximum: 128 };
const hashes: Record<string, string> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/**
 * Answers OCSP requests (RFC 6960) for all generations of both authorities, from the register as it is at that moment. Each
 * generation has its own delegated signer.
 */
export class OcspResponder {
  readonly #database: Database;
  readonly #authorities: Authorities;
  readonly #responders = new Map<Authority, Responder>();

  constructor(database: Database, authorities: Authorities) {
    this.#database = database;
    this.#authorities = authorities;
  }

  /**
   * Takes any bytes: what isn't a request gets malformedRequest. Signatures of requestors are not looked at. One signer can
   * speak for one generation: what else is asked along with it is unknown.
   */
  answer(kind: Kind, request: Uint8Array, now: Date): Uint8Array {
    const asked = parseRequest(request);
    if (!asked) return serialize(new OCSPResponse({ responseStatus: OCSPResponseStatus.malformedRequest }));
    const thisUpdate = new Date(Math.floor(now.getTime() / 1000) * 1000);
    const nextUpdate = new Date(thisUpdate.getTime() + updatedEvery);
    const authority = this.#asked(kind, asked.ids) ?? this.#authorities.issuing(kind, now);
    const responder = this.#openResponder(authority, now);
    const responderKey = responder.certificate.tbsCertificate.subjectPublicKeyInfo.subjectPublicKey;
    const tbsResponseData = new ResponseData({
      responderID: new ResponderID({ byKey: new KeyHash(digest("sha1", responderKey)) }),
      producedAt: thisUpdate,
      responses: asked.ids.map((certID) => {
        const certStatus = statusOf(this.#database, authority, certID);
        return new SingleResponse({ certID, certStatus, thisUpdate, nextUpdate });
      }),
    });
    if (asked.nonce) tbsResponseData.responseExtensions = [asked.nonce];
    const basic = new BasicOCSPResponse({
      tbsResponseData,
      signatureAlgorithm: signatureAlgorithm(),
      signature: signStructure(tbsResponseData, responder.privateKey),
      certs: [responder.certificate],
    });
    const response = new OctetString(AsnConvert.serialize(basic));
    const responseBytes = new ResponseBytes({ responseType: id_pkix_ocsp_basic, response });
    return serialize(new OCSPResponse({ responseStatus: OCSPResponseStatus.successful, responseBytes }));
  }

  /** The generation that the first question is about which is about any. */
  #asked(kind: Kind, ids: CertID[]): Authority | undefined {
    const generations = this.#authorities.generations(kind);
    for (const id of ids) {
      const issuer = generations.find((authority) => isIssuer(authority, id));
      if (issuer) return issuer;
    }
    return undefined;
  }

  #openResponder(authority: Authority, now: Date): Responder {
    const known = this.#responders.get(authority);
    if (known && !isDue(known, now)) return known;
    const opened = openResponder(this.#database, authority, now);
    this.#responders.set(authority, opened);
    return opened;
  }
}

type Asked = { ids: CertID[]; nonce: Extension | undefined };

function parseRequest(der: Uint8Array): Asked | undefined {
  try {
    const { tbsRequest } = AsnConvert.parse(der, OCSPRequest);
    const ids = tbsRequest.requestList.map(({ reqCert }) => reqCert);
    const nonce = tbsRequest.requestExtensions?.find(({ extnID }) => extnID === id_pkix_ocsp_nonce);
    // RFC 9654 §2.1
    const size = nonce && AsnConvert.parse(nonce.extnValue, OctetString).byteLength;
    const nonceFits = size === undefined || (size >= nonceSizes.minimum && size <= nonceSizes.maximum);
    return nonceFits && ids.length > 0 && ids.length <= maximumRequests ? { ids, nonce } : undefined;
  } catch {
    return undefined;
  }
}

/** Unknown for another authority's certificates, for hashes we don't know, and for serials never issued. */
function statusOf(database: Database, authority: Authority, id: CertID): CertStatus {
  const serial = parseSerial(Buffer.from(id.serialNumber).toString("hex"));
  const certificate =
    isIssuer(authority, id) && serial !== undefined ? findCertificate(database, authority.kind, serial) : undefined;
  if (certificate?.generation !== authority.generation) return new CertStatus({ unknown: null });
  if (!certificate.revocation) return new CertStatus({ good: null });
  const { at, reason } = certificate.revocation;
  const revoked = new RevokedInfo({ revocationTime: at });
  if (reason !== "unspecified") revoked.revocationReason = new CRLReason(reasonCodes[reason] as CRLReasons);
  return new CertStatus({ revoked });
}

function isIssuer({ name, publicKey }: Authority, id: CertID): boolean {
  const hash = hashes[id.hashAlgorithm.algorithm];
  if (!hash) return false;
  const same = (ours: Uint8Array, theirs: OctetString) => Buffer.from(theirs.buffer).equals(ours);
  return (
    same(digest(hash, AsnConvert.serialize(name)), id.issuerNameHash) &&
    same(digest(hash, publicKey.subjectPublicKey), id.issuerKeyHash)
  );
}

function digest(algorithm: string, bytes: ArrayBuffer): Uint8Array {
  return new Uint8Array(createHash(algorithm).update(new Uint8Array(bytes)).digest());
}

function serialize(response: OCSPResponse): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(response));
}
