/**
 * Writes vectors/my-number/hand-overs.json: envelopes with fictional My Numbers, good and each broken in one way, with the
 * code by which a relying party refuses it. The same card issuer's keys (vectors/my-number/issuer-keys.json, made if they
 * are not there) give the same file.
 *
 *   node tools/make-my-number-vectors.ts            write it
 *   node tools/make-my-number-vectors.ts --check    end with 1 when it is not as it would be written
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gcm } from "@noble/ciphers/aes.js";
import { p256 } from "@noble/curves/nist.js";
import { connectCard, type SignedText, TextApplication } from "@xid/card";
import { type CardContents, CardIssuer, createCard, VirtualCard } from "@xid/card/virtual";
import {
  type EncryptionKey,
  type EnvelopeCrypto,
  envelopeDigest,
  type HandOver,
  handOverType,
  keyThumbprint,
  myNumberLawVersion,
  type SigningKey,
  sealEnvelope,
  signJws,
  toBase64url,
} from "@xid/protocol";
import type { ReceivedHandOver } from "@xid/sdk/server";

type CardFiles = Required<SignedText>;
type Parts = {
  files: CardFiles;
  handOver: Partial<Record<keyof HandOver | "more", unknown>>;
  header: object;
  recipient: EncryptionKey;
  contentType: string;
  signer: SigningKey;
  spoilSignature: boolean;
};

const folder = join(import.meta.dirname, "..", "vectors", "my-number");
const keysFile = join(folder, "issuer-keys.json");
const known = existsSync(keysFile) ? JSON.parse(readFileSync(keysFile, "utf8")) : {};
const issuer = new CardIssuer(known, (keys) => writeFileSync(keysFile, `${JSON.stringify(keys, null, 2)}\n`));

const approvedAt = "2026-11-24T03:00:00.000Z";
const attributes = {
  name: "山田　花子",
  birthdate: "1990-01-02",
  gender: "female",
  address: "東京都清瀬市中里５丁目８４２番地",
} as const;
const hanako = await readCard("999903860488");
const wrongDigit = await readCard("999903860487");
const taro = await readCard("999901234563", { name: "山田　太郎", gender: "1" });

const seed = (label: string, size: number) =>
  new Uint8Array(createHash("shake256", { outputLength: size }).update(label).digest());

function keyPair(label: string) {
  const { secretKey } = p256.keygen(seed(label, 48));
  const point = p256.getPublicKey(secretKey, false);
  const publicJwk = {
    kty: "EC",
    crv: "P-256",
    x: toBase64url(point.subarray(1, 33)),
    y: toBase64url(point.subarray(33)),
  } as const;
  return { secretKey, publicJwk };
}

function signingKey(label: string): SigningKey {
  const { secretKey, publicJwk } = keyPair(label);
  return { publicJwk, sign: async (data) => p256.sign(data, secretKey) };
}

const recipient = keyPair("recipient");
const recipientKey: EncryptionKey = { ...recipient.publicJwk, use: "enc", alg: "ECDH-ES", kid: "2026-11" };
const strangerKey: EncryptionKey = { ...keyPair("stranger").publicJwk, use: "enc", kid: "2026-11" };
const holder = signingKey("holder");

/** Everything from the seed: nobody may encrypt like this but for vectors. */
const foreseeable: EnvelopeCrypto = {
  async agree({ x, y }) {
    const { secretKey, publicJwk } = keyPair("ephemeral");
    const theirs = Uint8Array.of(4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url"));
    return { ephemeralKey: publicJwk, sharedSecret: p256.getSharedSecret(secretKey, theirs).subarray(1) };
  },
  encrypt: async (key, { iv, plaintext, additionalData }) => gcm(key, iv, additionalData).encrypt(plaintext),
  randomBytes: (length) => seed("iv", length),
};

async function readCard(myNumber: string, changes: Partial<CardContents["attributes"]> = {}): Promise<CardFiles> {
  const { birthdate, ...others } = attributes;
  const state = createCard({
    signature: null,
    authentication: null,
    certificateAuthorities: { signature: Uint8Array.of(0x30, 0), authentication: Uint8Array.of(0x30, 0) },
    pins: { signature: "ABC123", authentication: "1234", text: "5678" },
    myNumber,
    attributes: { ...others, birthdate: birthdate.replaceAll("-", ""), gender: "2", ...changes },
    card: { serialNumber: "400000012719843", municipalityCode: "13221", expiry: "20350217", securityCode: "2285" },
  });
  const card = await connectCard(new VirtualCard(state, { persist: () => undefined, issuer: () => issuer }));
  const text = await TextApplication.select(card);
  await text.verifyPin("5678");
  return (await text.readSignedText({ myNumber: true, attributes: true })) as CardFiles;
}

const asked = {
  clientId: "example-securities",
  requestId: "kD1oT8vX2mQ5sB7nR4wZ9cLa",
  purpose: "tax.specified_account",
  lawVersion: myNumberLawVersion,
  nonce: "b2P0nX6cTq8mWd4sKf1vRz7yHg3jLa5e",
} as const;

async function received(changes: Partial<Parts> = {}): Promise<ReceivedHandOver> {
  const { files = hanako, signer = holder, recipient: to = recipientKey, contentType = handOverType } = changes;
  const card = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, toBase64url(bytes)]));
  const time = Date.parse(approvedAt) / 1000;
  const payload = { ...asked, card, time, ...changes.handOver };
  const header = { typ: handOverType, jwk: signer.publicJwk, ...changes.header };
  const jws = await signJws(header, payload, signer);
  const signed = changes.spoilSignature ? spoilt(jws, jws.length - 10) : jws;
  const envelope = await sealEnvelope(to, contentType, new TextEncoder().encode(signed), foreseeable);
  return about(envelope, keyThumbprint(holder.publicJwk));
}

function about(envelope: string, holderKey: string): ReceivedHandOver {
  return {
    ...asked,
    envelope,
    envelopeDigest: envelopeDigest(envelope),
    holderKey,
    attributes,
    approvedAt,
    expiresAt: "2026-11-24T03:15:00.000Z",
    evidenceId: "0199f0a0-0000-7000-8000-000000000000",
  };
}

/** One character of base64url in the place of another. */
function spoilt(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
}

const good = await received();
const [header = "", , iv = "", ciphertext = ""] = good.envelope.split(".");
const starts = [0, header.length + 2, header.length + iv.length + 3, header.length + iv.length + ciphertext.length + 4];
const partNames = ["header", "iv", "ciphertext", "tag"] as const;
const redigested = (envelope: string) => ({ ...good, envelope, envelopeDigest: envelopeDigest(envelope) });
const reheaded = (change: object) => {
  const decoded = { ...JSON.parse(Buffer.from(header, "base64url").toString()), ...change };
  return redigested(`${toBase64url(Buffer.from(JSON.stringify(decoded)))}${good.envelope.slice(header.length)}`);
};
const later = (seconds: number) => Date.parse(approvedAt) / 1000 + seconds;

async function* broken(): AsyncGenerator<[string, string, ReceivedHandOver]> {
  for (const [index, name] of partNames.entries()) {
    const envelope = spoilt(good.envelope, starts[index]! + 4);
    yield [`envelope/another-${name}`, "ENVELOPE_INVALID", { ...good, envelope }];
    yield [`envelope/another-${name}-that-was-approved`, "ENVELOPE_INVALID", redigested(envelope)];
  }
  const bad = "ENVELOPE_INVALID";
  yield ["envelope/another-digest", bad, { ...good, envelopeDigest: spoilt(good.envelopeDigest, 3) }];
  yield ["envelope/to-another-key", bad, await received({ recipient: strangerKey })];
  yield ["envelope/another-content-type", bad, await received({ contentType: "dc+sd-jwt" })];
  yield ["envelope/another-key-management", bad, reheaded({ alg: "ECDH-ES+A256KW" })];
  yield ["envelope/not-encrypted", bad, reheaded({ alg: "none" })];
  yield ["envelope/another-encryption", bad, reheaded({ enc: "A128CBC-HS256" })];
  yield ["envelope/compressed", bad, reheaded({ zip: "DEF" })];
  yield ["envelope/cut-off", bad, { ...good, envelope: good.envelope.slice(0, -30) }];
  yield ["envelope/too-large", bad, { ...good, envelope: `${good.envelope}${"A".repeat(16_384)}` }];
  yield ["envelope/none", bad, { ...good, envelope: "" }];

  const stranger = signingKey("stranger");
  yield ["holder/another-key", "HOLDER_MISMATCH", await received({ signer: stranger })];
  yield [
    "holder/another-key-under-its-name",
    "HOLDER_MISMATCH",
    await received({ signer: stranger, header: { jwk: holder.publicJwk } }),
  ];
  yield ["holder/another-signature", "HOLDER_MISMATCH", await received({ spoilSignature: true })];
  yield ["holder/another-thumbprint", "HOLDER_MISMATCH", { ...good, holderKey: spoilt(good.holderKey, 3) }];
  yield ["holder/no-key", "HOLDER_MISMATCH", await received({ header: { jwk: undefined } })];
  yield ["holder/another-type", "HOLDER_MISMATCH", await received({ header: { typ: "JWT" } })];
  yield ["holder/another-algorithm", "HOLDER_MISMATCH", await received({ header: { alg: "none" } })];

  const other = "HAND_OVER_MISMATCH";
  yield ["for/another-relying-party", other, await received({ handOver: { clientId: "other" } })];
  yield ["for/another-request", other, await received({ handOver: { requestId: "x".repeat(24) } })];
  yield ["for/another-purpose", other, await received({ handOver: { purpose: "tax.nisa" } })];
  yield ["for/no-purpose-of-the-law", other, await received({ handOver: { purpose: "marketing" } })];
  yield ["for/another-state-of-the-law", other, await received({ handOver: { lawVersion: "番号法 2016-01-01" } })];
  yield ["for/another-nonce", other, await received({ handOver: { nonce: "A".repeat(32) } })];
  yield ["for/an-earlier-time", other, await received({ handOver: { time: later(-901) } })];
  yield ["for/a-later-time", other, await received({ handOver: { time: later(901) } })];
  yield ["for/something-more", other, await received({ handOver: { more: true } })];

  const record = "RECORD_INVALID";
  const swap = (files: Partial<CardFiles>) => received({ files: { ...hanako, ...files } });
  const flipped = (file: Uint8Array, at: number) => file.map((byte, index) => (index === at ? byte ^ 1 : byte));
  yield ["record/another-number", record, await swap({ myNumber: taro.myNumber })];
  yield ["record/another-persons-attributes", record, await swap({ attributes: taro.attributes })];
  yield ["record/another-persons-record", record, await swap({ record: taro.record })];
  yield ["record/another-signature", record, await swap({ record: flipped(hanako.record, hanako.record.length - 40) })];
  yield ["record/another-certificate", record, await swap({ certificate: flipped(hanako.certificate, 200) })];
  yield ["record/of-an-unknown-authority", record, await swap({ certificate: flipped(hanako.certificate, 15) })];
  yield ["record/no-check-digit", record, await received({ files: wrongDigit })];
  yield ["record/no-file", record, await swap({ attributes: Uint8Array.of(0) })];

  const person = "OTHER_PERSON";
  yield ["person/another-card", person, await received({ files: taro })];
  const verified = (changes: object) => ({ ...good, attributes: { ...attributes, ...changes } });
  yield ["person/another-name", person, verified({ name: "山田　華子" })];
  yield ["person/another-birthdate", person, verified({ birthdate: "1990-01-03" })];
  yield ["person/another-gender", person, verified({ gender: "unknown" })];
  yield ["person/another-address", person, verified({ address: "東京都清瀬市中里５丁目８４３番地" })];
}

const vectors: object[] = [
  { id: "good", expect: { myNumber: "999903860488" }, received: good },
  {
    id: "good/attributes-of-another-width",
    expect: { myNumber: "999903860488" },
    received: { ...good, attributes: { ...attributes, name: "山田 花子", address: "東京都清瀬市中里5丁目842番地" } },
  },
  {
    id: "good/sent-again",
    expect: { myNumber: "999903860488" },
    received: await received({ handOver: { time: later(-899) } }),
  },
];
for await (const [id, code, handOver] of broken()) vectors.push({ id, expect: { code }, received: handOver });

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const content = {
  authorities: issuer.authorities.map(({ keyId, publicKey: { modulus, exponent } }) => {
    return { keyId, modulus: hex(modulus), exponent: hex(exponent) };
  }),
  keys: [{ ...recipientKey, d: toBase64url(recipient.secretKey) }],
  vectors,
};
const path = join(folder, "hand-overs.json");
const text = `${JSON.stringify(content, null, 2)}\n`;
const [option] = process.argv.slice(2);
if (option === undefined) {
  writeFileSync(path, text);
} else if (option !== "--check") {
  console.error("usage: node tools/make-my-number-vectors.ts [--check]");
  process.exitCode = 2;
} else if (readFileSync(path, "utf8") !== text) {
  console.error(`${path} is not what tools/make-my-number-vectors.ts writes`);
  process.exitCode = 1;
}
