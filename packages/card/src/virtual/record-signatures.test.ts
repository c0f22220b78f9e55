import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  publicDecrypt,
  verify as verifySignature,
} from "node:crypto";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { parseTlv, parseTlvs } from "../tlv.ts";
import { temporaryIssuer } from "./card-issuer.ts";
import { replaceAttributes } from "./change-card.ts";
import { poweredCard, selects, verifyCommand } from "./powered-card.ts";
import { testContents } from "./test-card.ts";

type Card = ReturnType<typeof poweredCard>;

const digestInfo = `3031300d060960864801650304020105000420${"5a".repeat(32)}`;

/** A whole EF by extended Le. */
function read({ send }: Card, file: number): Uint8Array {
  return succeeded(send(`00b0${(0x80 | file).toString(16)}00000000`));
}

function succeeded(answer: string): Uint8Array {
  expect(answer.slice(-4)).toBe("9000");
  return fromHex(answer.slice(0, -4))!;
}

function publicKeyOf(objects: Uint8Array): KeyObject {
  const [exponent, modulus] = parseTlvs(objects);
  expect([exponent?.tag, modulus?.tag]).toEqual([0x90, 0x91]);
  return rsaKey(exponent!.value, modulus!.value);
}

function rsaKey(exponent: Uint8Array, modulus: Uint8Array): KeyObject {
  const [e, n] = [exponent, modulus].map((bytes) => Buffer.from(bytes).toString("base64url"));
  return createPublicKey({ key: { kty: "RSA", e: e!, n: n! }, format: "jwk" });
}

/** The key that a card-verifiable certificate certifies, once `issuer` is found to have signed it. */
function certified(contents: Uint8Array, issuer: KeyObject): { key: KeyObject; issuerId: string; subjectId: string } {
  const [body, signature] = parseTlvs(contents);
  expect([body?.tag, signature?.tag, body?.value.length]).toEqual([0x5f4e, 0x5f37, 297]);
  expect(verifySignature("sha256", body!.value, issuer, signature!.value)).toBe(true);
  return {
    key: publicKeyOf(body!.value.subarray(32)),
    issuerId: toHex(body!.value.subarray(0, 16)),
    subjectId: toHex(body!.value.subarray(16, 32)),
  };
}

function authority(number: string): KeyObject {
  const found = temporaryIssuer().authorities.find(({ keyId }) => keyId.startsWith(toHex(Buffer.from(number))));
  return rsaKey(found!.publicKey.exponent, found!.publicKey.modulus);
}

/** The key in EF 0004 of the selected application. */
function issuerKey(card: Card, authorityNumber: string): KeyObject {
  const certificate = parseTlv(read(card, 0x04));
  expect(certificate).toMatchObject({ tag: 0x7f21, size: 568 });
  return certified(certificate.value, authority(authorityNumber)).key;
}

/** The value of the last object, and whether it signs the ones before it. */
function expectSigned(template: Uint8Array, issuer: KeyObject): void {
  const contents = parseTlv(template).value;
  const signature = parseTlvs(contents).at(-1)!;
  expect(signature.value).toHaveLength(256);
  const signed = contents.subarray(0, contents.length - 5 - 256);
  expect(verifySignature("sha256", signed, issuer, signature.value)).toBe(true);
}

function field(template: Uint8Array, tag: number): Uint8Array {
  return parseTlvs(parseTlv(template).value).find((object) => object.tag === tag)!.value;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

function textCard(state = poweredCard().stored.state): Card {
  const card = poweredCard(state);
  card.send(selects.text);
  expect(card.send(verifyCommand(0x11, "5678"))).toBe("9000");
  return card;
}

function visualCard(): Card {
  const card = poweredCard();
  card.send(selects.visual);
  expect(card.send(verifyCommand(0x13, "123456789018"))).toBe("9000");
  expect(card.send(verifyCommand(0x11, "020102"))).toBe("9000");
  return card;
}

test("key ids begin with the digit of the simulation and name the municipality", () => {
  const card = textCard();
  const { issuerId, subjectId } = certified(parseTlv(read(card, 0x04)).value, authority("9000033"));
  expect(Buffer.from(issuerId, "hex").toString("latin1")).toBe("9000033\x08\x05001\0\0\0\0");
  expect(Buffer.from(subjectId, "hex").toString("latin1")).toMatch(/^13221../);
});

test("the integrity record is the issuer's word for the My Number's file with its filler and for the attributes", () => {
  const card = textCard();
  const record = read(card, 0x03);
  expect(record.length).toBe(0x14b + 5);
  expectSigned(record, issuerKey(card, "9000033"));
  const myNumber = read(card, 0x01);
  const attributes = read(card, 0x02);
  expect(myNumber).toHaveLength(17);
  expect(field(record, 0xdf31)).toEqual(Uint8Array.from(sha256(myNumber)));
  const begin = toHex(attributes).indexOf("df22") / 2;
  expect(field(record, 0xdf32)).toEqual(Uint8Array.from(sha256(attributes.subarray(begin))));
});

test("the city office has the record signed anew when it writes new attributes", () => {
  const before = textCard();
  const old = read(before, 0x03);
  const attributes = { ...testContents().attributes, address: "香川県高松市番町１丁目８番１５号" };
  const card = textCard(replaceAttributes(before.stored.state, attributes));
  const record = read(card, 0x03);
  expectSigned(record, issuerKey(card, "9000033"));
  expect(field(record, 0xdf31)).toEqual(field(old, 0xdf31));
  expect(field(record, 0xdf32)).not.toEqual(field(old, 0xdf32));
});

test("EF 0007 is the issuer's word for the key that shows that the card is there", () => {
  const card = textCard();
  const record = read(card, 0x07);
  expectSigned(record, issuerKey(card, "9000033"));
  const signature = succeeded(card.send(`802a000033${digestInfo}00`));
  const publicKey = publicKeyOf(field(record, 0xdf51));
  expect(toHex(publicDecrypt(publicKey, signature))).toBe(digestInfo);
  // The key that session keys are encrypted to is another one.
  const delivery = parseTlv(read(card, 0x06));
  expect(delivery.tag).toBe(0xa1);
  expect(publicKeyOf(delivery.value).equals(publicKey)).toBe(false);
});

test("age record and My Number picture are signed, and carry the key of the application", () => {
  const card = visualCard();
  const issuer = issuerKey(card, "9000023");
  const age = read(card, 0x01);
  const picture = read(card, 0x05);
  expectSigned(age, issuer);
  expectSigned(picture, issuer);
  expect(Buffer.from(field(age, 0xdf11)).toString()).toBe("19900102");
  expect(field(age, 0xdf12)).toEqual(field(picture, 0xdf42));
  expect(field(age, 0xdf12)).toEqual(field(read(card, 0x02), 0xdf24));
  const signature = succeeded(card.send(`802a000033${digestInfo}00`));
  expect(toHex(publicDecrypt(publicKeyOf(field(age, 0xdf12)), signature))).toBe(digestInfo);
});

test("one signature holds the digests of the face's three parts", () => {
  const card = visualCard();
  const face = read(card, 0x02);
  const objects = parseTlvs(parseTlv(face).value);
  expect(objects.map(({ tag }) => tag)).toEqual([
    ...[0xdf21, 0xdf22, 0xdf23, 0xdf24, 0xdf25, 0xdf26, 0xdf27, 0xdf28, 0xdf29, 0xdf2a],
  ]);
  const starts = objects[0]!.value;
  const tagAt = (index: number) => parseTlv(face.subarray(starts[2 * index]! * 256 + starts[2 * index + 1]!)).tag;
  expect(Array.from({ length: 9 }, (_, index) => tagAt(index))).toEqual(objects.slice(1).map(({ tag }) => tag));
  const at = (index: number) => starts[2 * index]! * 256 + starts[2 * index + 1]!;
  const digests = [face.subarray(at(0), at(3)), face.subarray(at(3), at(5)), face.subarray(at(5), at(6))].map(sha256);
  const key = { key: issuerKey(card, "9000023"), padding: constants.RSA_PKCS1_PADDING };
  const signed = publicDecrypt(key, field(face, 0xdf28));
  expect(signed).toHaveLength(115);
  expect(toHex(signed)).toBe(`3071300d060960864801650304020105000460${toHex(Buffer.concat(digests))}`);
});

test("the chain of the MF level needs the authority's key only for its upper certificate", () => {
  const { send } = poweredCard();
  const upper = certified(succeeded(send("00ca00f8000000")), authority("9000020"));
  const lower = certified(succeeded(send("00ca7f21000000")), upper.key);
  expect(lower.issuerId).toBe(upper.subjectId);
  expect(toHex(succeeded(send("00ca00f700")))).toBe(upper.subjectId);
});

test("what was made at its first use stays, over a power cut and in a copy of the state", () => {
  const card = visualCard();
  const face = read(card, 0x02);
  const copy = poweredCard(JSON.parse(JSON.stringify(card.stored.state)));
  copy.send(selects.visual);
  copy.send(verifyCommand(0x13, "123456789018"));
  expect(read(copy, 0x02)).toEqual(face);
});
