import { createPrivateKey, type KeyObject } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, KeyUsageFlags, type Name, type SubjectPublicKeyInfo } from "@peculiar/asn1-x509";
import { recordCertificate, takeSerial } from "../store/certificates.ts";
import { type Database, transaction } from "../store/database.ts";
import { type KeyPair, makeKeyPair, makeKeyPairs, signCertificate, subjectPublicKeyInfo } from "./certificate.ts";
import {
  authorityConstraints,
  distributionPoint,
  keyIdentifier,
  keyUsage,
  subjectDirectoryName,
  subjectKeyIdentifier,
} from "./extensions.ts";
import { type Generation, generationAt, generationsAt } from "./generation.ts";
import { type Kind, kinds } from "./kind.ts";
import { authorityName, authorityNameInJapanese } from "./names.ts";
import { makeResponderCertificate } from "./responder.ts";

/** One generation of one of the two certification authorities. Self-signed, with nothing between it and what it issues. */
export type Authority = {
  kind: Kind;
  generation: number;
  /** The same for all generations of a kind: they differ by their keys only. */
  name: Name;
  certificate: Uint8Array;
  serial: ArrayBuffer;
  notBefore: Date;
  notAfter: Date;
  publicKey: SubjectPublicKeyInfo;
  /** Its subjectKeyIdentifier in lower-case hexadecimal, as the authorityKeyIdentifier of what it issues has it. */
  keyIdentifier: string;
  privateKey: KeyObject;
};

type Keys = { own: KeyPair; responder: KeyPair };

/** Both authorities in all their generations. A generation is made when its time has come, and stays. */
export class Authorities {
  readonly #database: Database;
  readonly #known = new Map<string, Authority>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The generation that issues at a time: the newest that has begun. */
  issuing(kind: Kind, at: Date): Authority {
    const due = generationAt(at);
    const made = this.generations(kind).find(({ generation }) => generation === due.number);
    if (made) return made;
    const make = () => makeAuthority(this.#database, kind, due, { own: makeKeyPair(), responder: makeKeyPair() }, at);
    if (this.#database.isTransaction) make();
    else transaction(this.#database, make);
    return this.#read(kind, due.number);
  }

  /** Every generation of a kind so far, oldest first; also those that have ended. */
  generations(kind: Kind): Authority[] {
    const rows = this.#database
      .prepare("SELECT generation FROM authorities WHERE kind = ? ORDER BY generation")
      .all(kind) as { generation: number }[];
    return rows.map(({ generation }) => this.#read(kind, generation));
  }

  /** The generation whose key it is; `keyIdentifier` in lower-case hexadecimal. */
  find(kind: Kind, keyIdentifier: string): Authority | undefined {
    return this.generations(kind).find((authority) => authority.keyIdentifier === keyIdentifier);
  }

  #read(kind: Kind, generation: number): Authority {
    const row = this.#database
      .prepare("SELECT certificate, private_key FROM authorities WHERE kind = ? AND generation = ?")
      .get(kind, generation) as { certificate: Uint8Array; private_key: Uint8Array };
    const known = this.#known.get(`${kind} ${generation}`);
    // A generation made in a transaction that was rolled back is made again, with another key.
    if (known && Buffer.from(known.certificate).equals(row.certificate)) return known;
    const key = createPrivateKey({ key: Buffer.from(row.private_key), type: "pkcs8", format: "der" });
    const authority = parseAuthority(kind, generation, row.certificate, key);
    this.#known.set(`${kind} ${generation}`, authority);
    return authority;
  }
}

/** Opens the authorities, making what generations are valid now and absent. */
export async function openAuthorities(database: Database, now: Date): Promise<Authorities> {
  const made = database.prepare("SELECT 1 FROM authorities WHERE kind = ? AND generation = ?");
  const absent = kinds.flatMap((kind) =>
    generationsAt(now)
      .filter(({ number }) => !made.get(kind, number))
      .map((generation) => ({ kind, generation })),
  );
  const keys = await makeKeyPairs(absent.length * 2);
  transaction(database, () => {
    for (const [index, { kind, generation }] of absent.entries()) {
      makeAuthority(database, kind, generation, { own: keys[index * 2]!, responder: keys[index * 2 + 1]! }, now);
    }
  });
  return new Authorities(database);
}

function makeAuthority(database: Database, kind: Kind, generation: Generation, keys: Keys, now: Date): void {
  const { number, notBefore, notAfter } = generation;
  const name = authorityName(kind);
  const subjectKey = subjectPublicKeyInfo(keys.own.publicKey);
  const extensions = [
    keyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign),
    subjectDirectoryName(authorityNameInJapanese(kind)),
    authorityConstraints(),
    distributionPoint(name),
    subjectKeyIdentifier(subjectKey),
  ];
  const serial = takeSerial(database, kind);
  const contents = { serial, issuer: name, notBefore, notAfter, subject: name, subjectKey, extensions };
  const certificate = signCertificate(contents, keys.own.privateKey);
  const authority = parseAuthority(kind, number, certificate, keys.own.privateKey);
  const responderSerial = takeSerial(database, kind);
  const responder = makeResponderCertificate(authority, responderSerial, keys.responder.publicKey, now);
  const pkcs8 = (key: KeyObject) => key.export({ type: "pkcs8", format: "der" });
  database
    .prepare("INSERT INTO authorities VALUES (?, ?, ?, ?, ?, ?, 0)")
    .run(kind, number, certificate, pkcs8(keys.own.privateKey), responder.der, pkcs8(keys.responder.privateKey));
  const own = { kind, generation: number, personId: null, medium: null, municipality: null };
  recordCertificate(database, { ...own, serial, der: certificate, notBefore, notAfter });
  recordCertificate(database, { ...own, serial: responderSerial, ...responder });
}

function parseAuthority(kind: Kind, generation: number, der: Uint8Array, privateKey: KeyObject): Authority {
  const { tbsCertificate: certificate } = AsnConvert.parse(der, Certificate);
  return {
    kind,
    generation,
    name: certificate.subject,
    certificate: der,
    serial: certificate.serialNumber,
    notBefore: certificate.validity.notBefore.getTime(),
    notAfter: certificate.validity.notAfter.getTime(),
    publicKey: certificate.subjectPublicKeyInfo,
    keyIdentifier: Buffer.from(keyIdentifier(certificate.subjectPublicKeyInfo)).toString("hex"),
    privateKey,
  };
}
