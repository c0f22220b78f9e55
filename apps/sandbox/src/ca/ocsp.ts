import { createHash, sign } from "node:crypto";
import {
  type CertID,
  CertStatus,
  id_pkix_ocsp_nonce,
  KeyHash,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseData,
  RevokedInfo,
  SingleResponse,
} from "@peculiar/asn1-ocsp";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { CRLReason, type CRLReasons, type Extension } from "@peculiar/asn1-x509";
import { findRevocation } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import type { Authorities, Authority } from "./authority.ts";
import { parseSerial, signatureAlgorithm } from "./certificate.ts";
import { element, tags } from "./der.ts";
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
  readonly #issuers = new Map<string, Authority>();

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
    const tbsResponseData = new ResponseData({
      responderID: new ResponderID({ byKey: new KeyHash(Buffer.from(responder.keyHash)) }),
      producedAt: thisUpdate,
      responses: asked.ids.map((certID) => {
        const certStatus = this.#statusOf(kind, authority, certID);
        return new SingleResponse({ certID, certStatus, thisUpdate, nextUpdate });
      }),
    });
    if (asked.nonce) tbsResponseData.responseExtensions = [asked.nonce];
    return signResponse(Buffer.from(AsnConvert.serialize(tbsResponseData)), responder);
  }

  /** The generation that the first question is about which is about any. */
  #asked(kind: Kind, ids: CertID[]): Authority | undefined {
    for (const id of ids) {
      const issuer = this.#issuerOf(kind, id);
      if (issuer) return issuer;
    }
    return undefined;
  }

  /** Undefined for another authority's certificates and for hashes that we don't know. */
  #issuerOf(kind: Kind, id: CertID): Authority | undefined {
    const hash = hashes[id.hashAlgorithm.algorithm];
    if (!hash) return undefined;
    const key = [kind, hash, hex(id.issuerNameHash.buffer), hex(id.issuerKeyHash.buffer)].join();
    if (!this.#issuers.has(key)) {
      for (const authority of this.#authorities.generations(kind)) {
        const { name, publicKey } = authority;
        const own = [AsnConvert.serialize(name), publicKey.subjectPublicKey].map((bytes) => hex(digest(hash, bytes)));
        this.#issuers.set([kind, hash, ...own].join(), authority);
      }
    }
    return this.#issuers.get(key);
  }

  /** Unknown for certificates of another generation or authority, and for serials never issued. */
  #statusOf(kind: Kind, authority: Authority, id: CertID): CertStatus {
    const serial = parseSerial(hex(id.serialNumber));
    const known =
      serial !== undefined && this.#issuerOf(kind, id) === authority
        ? findRevocation(this.#database, kind, serial)
        : undefined;
    if (known?.generation !== authority.generation) return new CertStatus({ unknown: null });
    if (!known.revocation) return new CertStatus({ good: null });
    const { at, reason } = known.revocation;
    const revoked = new RevokedInfo({ revocationTime: at });
    if (reason !== "unspecified") revoked.revocationReason = new CRLReason(reasonCodes[reason] as CRLReasons);
    return new CertStatus({ revoked });
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

const basicType = Buffer.from("2b0601050507300101", "hex");
const algorithm = Buffer.from(AsnConvert.serialize(signatureAlgorithm()));
const unusedBits = Buffer.of(0);

/** BasicOCSPResponse in an OCSPResponse that is successful (RFC 6960 §4.2.1). */
function signResponse(tbsResponseData: Buffer, { der, privateKey }: Responder): Buffer {
  const { sequence, bitString, octetString, objectIdentifier, enumerated } = tags;
  const signature = element(bitString, unusedBits, sign("sha256", tbsResponseData, privateKey));
  const certificates = element(0xa0, element(sequence, der));
  const basic = element(sequence, tbsResponseData, algorithm, signature, certificates);
  const bytes = element(sequence, element(objectIdentifier, basicType), element(octetString, basic));
  const status = element(enumerated, Buffer.of(OCSPResponseStatus.successful));
  return element(sequence, status, element(0xa0, bytes));
}

function digest(algorithm: string, bytes: ArrayBuffer): Uint8Array {
  return new Uint8Array(createHash(algorithm).update(new Uint8Array(bytes)).digest());
}

function hex(bytes: ArrayBuffer | Uint8Array): string {
  return Buffer.from(bytes as ArrayBuffer).toString("hex");
}

function serialize(response: OCSPResponse): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(response));
}
