import { createHash, sign } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { findRevocation } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import type { Authorities, Authority } from "./authority.ts";
import { parseSerial, signatureAlgorithm } from "./certificate.ts";
import { element, tags } from "./der.ts";
import { type Kind, reasonCodes } from "./kind.ts";
import { type AskedId, parseOcspRequest } from "./ocsp-request.ts";
import { isDue, openResponder, type Responder } from "./responder.ts";

/** As often as the JPKI's own responder takes in new revocations; ours knows them at once. */
const updatedEvery = 15 * 60 * 1000;

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
    const asked = parseOcspRequest(request);
    if (!asked) return malformedRequest;
    const authority = this.#asked(kind, asked.ids) ?? this.#authorities.issuing(kind, now);
    const responder = this.#openResponder(authority, now);
    const producedAt = generalizedTime(now.getTime());
    const nextUpdate = element(0xa0, generalizedTime(now.getTime() + updatedEvery));
    const answers = asked.ids.map((id) =>
      element(tags.sequence, id.der, this.#statusOf(kind, authority, id), producedAt, nextUpdate),
    );
    const tbsResponseData = element(
      tags.sequence,
      element(0xa2, element(tags.octetString, responder.keyHash)),
      producedAt,
      element(tags.sequence, ...answers),
      ...(asked.nonce ? [element(0xa1, element(tags.sequence, asked.nonce))] : []),
    );
    return signResponse(tbsResponseData, responder);
  }

  /** The generation that the first question is about which is about any. */
  #asked(kind: Kind, ids: AskedId[]): Authority | undefined {
    for (const id of ids) {
      const issuer = this.#issuerOf(kind, id);
      if (issuer) return issuer;
    }
    return undefined;
  }

  /** Undefined for another authority's certificates and for hashes that we don't know. */
  #issuerOf(kind: Kind, { hash, issuerNameHash, issuerKeyHash }: AskedId): Authority | undefined {
    if (hash === "") return undefined;
    const key = [kind, hash, issuerNameHash, issuerKeyHash].join();
    if (!this.#issuers.has(key)) {
      for (const authority of this.#authorities.generations(kind)) {
        const { name, publicKey } = authority;
        const own = [AsnConvert.serialize(name), publicKey.subjectPublicKey].map((bytes) => digest(hash, bytes));
        this.#issuers.set([kind, hash, ...own].join(), authority);
      }
    }
    return this.#issuers.get(key);
  }

  /** Unknown for certificates of another generation or authority, and for serials never issued. */
  #statusOf(kind: Kind, authority: Authority, id: AskedId): Buffer {
    const serial = parseSerial(id.serial);
    const known =
      serial !== undefined && this.#issuerOf(kind, id) === authority
        ? findRevocation(this.#database, kind, serial)
        : undefined;
    if (known?.generation !== authority.generation) return unknown;
    if (!known.revocation) return good;
    const { at, reason } = known.revocation;
    const code = element(tags.enumerated, Buffer.of(reasonCodes[reason]));
    return element(0xa1, generalizedTime(at.getTime()), ...(reason === "unspecified" ? [] : [element(0xa0, code)]));
  }

  #openResponder(authority: Authority, now: Date): Responder {
    const known = this.#responders.get(authority);
    if (known && !isDue(known, authority, now)) return known;
    const opened = openResponder(this.#database, authority, now);
    this.#responders.set(authority, opened);
    return opened;
  }
}

/** RFC 6960 §4.2.1: the choices of CertStatus that hold nothing. */
const good = Buffer.of(0x80, 0);
const unknown = Buffer.of(0x82, 0);

/** To the second, as RFC 5280 §4.1.2.5.2 wants it. */
function generalizedTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\.\d+|\D/g, "");
  return element(tags.generalizedTime, Buffer.from(`${digits}Z`));
}

/** OCSPResponseStatus (RFC 6960 §4.2.1). */
const successful = 0;
const malformedRequest = element(tags.sequence, element(tags.enumerated, Buffer.of(1)));

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
  const status = element(enumerated, Buffer.of(successful));
  return element(sequence, status, element(0xa0, bytes));
}

function digest(algorithm: string, bytes: ArrayBuffer): string {
  return createHash(algorithm).update(new Uint8Array(bytes)).digest("hex");
}
