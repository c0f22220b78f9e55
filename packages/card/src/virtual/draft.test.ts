import { createHash, createPublicKey, type KeyObject, verify as verifySignature } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { encodeTlv, parseTlv, parseTlvs } from "../tlv.ts";
import { applications } from "./card-files.ts";
import { temporaryIssuer } from "./card-issuer.ts";
import { replaceAttributes, replaceCertificates, resetPin, triesLeft } from "./change-card.ts";
import { createCard } from "./create-card.ts";
import { poweredCard, selects, verifyCommand } from "./powered-card.ts";
import { draftContents, testContents, testKeyPair } from "./test-card.ts";

const contents = draftContents();
const selectAuthentication = `00a4040c0a${applications.draftAuthentication}`;
const selectFace = `00a4040c0a${applications.draftFace}`;
const message = Buffer.from("本人確認");
const digest = toHex(createHash("sha384").update(message).digest());

function draft(state = createCard(contents)) {
  const card = poweredCard(state);
  const read = (file: number) => {
    const answer = card.send(`00b0${(0x80 | file).toString(16)}00000000`);
    expect(answer.slice(-4)).toBe("9000");
    return fromHex(answer.slice(0, -4))!;
  };
  return { ...card, read };
}

/** ECDSA with SHA-384, r and s as they are. */
function expectSigned(signed: Uint8Array, key: KeyObject, signature: Uint8Array): void {
  expect(verifySignature("sha384", signed, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
}

/** The key that the certificate certifies, once the draft's authority is found to have signed it. */
function certifiedKey(file: Uint8Array): KeyObject {
  const [body, signature] = parseTlvs(parseTlv(file).value);
  const { point } = temporaryIssuer().draftAuthority.publicKey;
  expectSigned(body!.value, pointKey(encodeTlv(0x86, point)), signature!.value);
  return pointKey(body!.value.subarray(32));
}

function pointKey(objects: Uint8Array): KeyObject {
  const { tag, value } = parseTlv(objects);
  expect([tag, value.length, value[0]]).toEqual([0x86, 97, 0x04]);
  const [x, y] = [value.subarray(1, 49), value.subarray(49)].map((part) => Buffer.from(part).toString("base64url"));
  return createPublicKey({ key: { kty: "EC", crv: "P-384", x: x!, y: y! }, format: "jwk" });
}

describe("the draft of the next card", () => {
  test("is no present card: other applications, and a label that says so", () => {
    const { send, read } = draft();
    for (const application of [selects.jpki, selects.text, selects.visual, selects.common]) {
      expect(send(application)).toBe("6a82");
    }
    expect(send(selectAuthentication)).toBe("9000");
    expect(Buffer.from(read(0x06).subarray(0, 32)).toString()).toBe("SIM-DRAFT-NEXT-CARD".padEnd(32));
  });

  test("signs by ECDSA, a digest or a message, after its PIN", () => {
    const { send } = draft();
    const key = createPublicKey(contents.authentication!.privateKey as KeyObject);
    send(selectAuthentication);
    expect(send(`802a029730${digest}00`)).toBe("6982");
    send(verifyCommand(0x18, "1234"));
    const byMode = [`802a029730${digest}00`, `802a03970c${toHex(message)}00`].map((command) => send(command));
    for (const answer of byMode) {
      expect(answer).toMatch(/^.{192}9000$/);
      expectSigned(message, key, fromHex(answer.slice(0, -4))!);
    }
    expect(send(`802a009730${digest}00`)).toBe("6a86");
    expect(send(`802a05970c${toHex(message)}00`)).toBe("6a86");
    expect(send(`802a029720${digest.slice(32)}00`)).toBe("6700");
  });

  test("has one PIN for all that the signature password does not guard, My Number and attributes among it", () => {
    const { send, read } = draft();
    send(selectAuthentication);
    expect(send("00b08c00000000")).toBe("6982");
    send(verifyCommand(0x18, "1234"));
    const myNumber = read(0x0c);
    const attributes = read(0x0d);
    expect(toHex(myNumber)).toBe(`ff100c${toHex(Buffer.from("123456789018"))}ffff`);
    const record = parseTlv(read(0x0e)).value;
    const [numberDigest, attributesDigest, signature] = parseTlvs(record);
    const sha384 = (bytes: Uint8Array) => Uint8Array.from(createHash("sha384").update(bytes).digest());
    expect(numberDigest!.value).toEqual(sha384(myNumber));
    expect(attributesDigest!.value).toEqual(sha384(attributes.subarray(toHex(attributes).indexOf("df22") / 2)));
    expectSigned(record.subarray(0, 2 * 51), certifiedKey(read(0x0f)), signature!.value);
    for (const name of ["text", "residentRegister"] as const) {
      expect(() => triesLeft(createCard(contents), name)).toThrow(TypeError);
      expect(() => resetPin(createCard(contents), name, "0000")).toThrow(TypeError);
    }
  });

  test("has its face behind the printed numbers, signed in three parts, with a key that shows that the card is there", () => {
    const { send, read } = draft();
    send(selectFace);
    expect(send("00b08200000000")).toBe("6982");
    send(verifyCommand(0x12, "02010220352285"));
    const face = parseTlvs(parseTlv(read(0x02)).value);
    expect(send("00b08500000000")).toBe("6982");
    send(verifyCommand(0x13, "123456789018"));
    const issuer = certifiedKey(read(0x04));
    const picture = parseTlv(read(0x05)).value;
    expectSigned(picture.subarray(0, picture.length - 3 - 96), issuer, picture.subarray(picture.length - 96));
    const field = (tag: number) => face.find((object) => object.tag === tag)!.value;
    const answer = send(`802a020030${digest}00`);
    expectSigned(message, pointKey(field(0xdf24)), fromHex(answer.slice(0, -4))!);
    expect(field(0xdf28)).toHaveLength(96);
  });

  test("is renewed, corrected and given a new PIN as the present card is", () => {
    const pair = testKeyPair("Renewed", "next-draft");
    const attributes = { ...testContents().attributes, birthdate: "20000203" };
    const changed = replaceAttributes(replaceCertificates(createCard(contents), { authentication: pair }), attributes);
    const { send, read } = draft(resetPin(changed, "authentication", "4321"));
    send(selectFace);
    expect(send(verifyCommand(0x12, "12020320352285"))).toBe("9000");
    send(selectAuthentication);
    expect(send(verifyCommand(0x18, "4321"))).toBe("9000");
    expect(read(0x0a)).toEqual(Uint8Array.from(pair.certificate));
    expect(toHex(read(0x0d))).toContain(toHex(Buffer.from("20000203")));
  });

  test("takes its own keys only, and no other card takes those", () => {
    expect(() => createCard(draftContents({ signature: testContents().signature }))).toThrow(TypeError);
    expect(() => createCard(testContents({ signature: contents.signature }))).toThrow(TypeError);
  });
});
