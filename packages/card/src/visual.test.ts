import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { verifyCardVerifiableCertificates } from "./card-verifiable-certificate.ts";
import { connectCard } from "./connect-card.ts";
import { IssuerDomain } from "./issuer-domain.ts";
import { verifyPresence } from "./presence.ts";
import type { RsaPublicKey } from "./rsa.ts";
import type { CardConnection } from "./transport.ts";
import { birthNumber, verificationNumberB } from "./verification-number.ts";
import { CardIssuer, temporaryIssuer } from "./virtual/card-issuer.ts";
import { createCard } from "./virtual/create-card.ts";
import { testContents } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";
import { VisualApplication } from "./visual.ts";
import {
  parseCardFace,
  type SignedFile,
  verifyAgeRecord,
  verifyCardFace,
  verifyMyNumberImage,
} from "./visual-files.ts";

const { myNumber, attributes, card: printed } = testContents();
const { authorities } = temporaryIssuer();
const numberB = verificationNumberB({ birthdate: attributes.birthdate, ...printed });

function reader(): Promise<CardConnection> {
  return connectCard(new VirtualCard(createCard(testContents()), { persist: () => undefined }));
}

const select = async () => VisualApplication.select(await reader());
const notAuthentic = expect.objectContaining({ code: "NOT_AUTHENTIC" });

describe("the card's face", () => {
  let signed: SignedFile;
  beforeAll(async () => {
    const visual = await select();
    await visual.verifyNumber("B", numberB);
    signed = await visual.readFace();
  });

  test("is verified with its pictures, and without what is not signed", () => {
    const { birthdate, gender } = attributes;
    const face = verifyCardFace(signed, authorities);
    expect(Object.keys(face).sort()).toEqual(["address", "birthdate", "gender", "name", "portrait", "presenceKey"]);
    expect(face).toMatchObject({ birthdate, gender });
    expect(Buffer.from(face.name.subarray(1, 4)).toString()).toBe("PNG");
    expect(Buffer.from(face.portrait.subarray(4, 8)).toString()).toBe("jP  ");
    expect(parseCardFace(signed.file)).toMatchObject({ expiry: printed.expiry });
  });

  test.each(["birthdate", "name", "address", "portrait", "presenceKey"] as const)(
    "with another %s is NOT_AUTHENTIC",
    (field) => {
      const face = parseCardFace(signed.file);
      const bytes = {
        ...face,
        birthdate: Buffer.from(face.birthdate),
        presenceKey: (face.presenceKey as RsaPublicKey).modulus,
      }[field];
      const last = Buffer.from(signed.file).indexOf(Buffer.from(bytes)) + bytes.length - 1;
      const change = field === "presenceKey" ? 0x02 : 0x01;
      const file = signed.file.map((byte, at) => (at === last ? byte ^ change : byte));
      expect(() => verifyCardFace({ ...signed, file }, authorities)).toThrow(notAuthentic);
    },
  );

  test("under another issuer's key is refused", () => {
    expect(() => verifyCardFace(signed, new CardIssuer().authorities)).toThrow(notAuthentic);
    const textOnly = authorities.filter(({ keyId }) => keyId.startsWith(Buffer.from("9000033").toString("hex")));
    expect(() => verifyCardFace(signed, textOnly)).toThrow(expect.objectContaining({ code: "ISSUER_UNKNOWN" }));
  });
});

test("the birth date opens the age record, and nothing else", async () => {
  const visual = await select();
  await visual.verifyNumber("birthdate", birthNumber(attributes.birthdate));
  const signed = await visual.readAgeRecord();
  expect(verifyAgeRecord(signed, authorities).birthdate).toBe(attributes.birthdate);
  const file = signed.file.slice();
  file[Buffer.from(file).indexOf(attributes.birthdate)] = 0x32;
  expect(() => verifyAgeRecord({ ...signed, file }, authorities)).toThrow(notAuthentic);
  await expect(visual.readFace()).rejects.toMatchObject({ code: "SECURITY_STATUS" });
});

test("照合番号A opens the picture of the number", async () => {
  const visual = await select();
  await visual.verifyNumber("A", myNumber);
  const { image } = verifyMyNumberImage(await visual.readMyNumberImage(), authorities);
  expect(Buffer.from(image.subarray(1, 4)).toString()).toBe("PNG");
  const other = await select();
  await other.verifyNumber("B", numberB);
  await expect(other.readMyNumberImage()).rejects.toMatchObject({ code: "SECURITY_STATUS" });
});

test("the chip of a record answers a challenge", async () => {
  const visual = await select();
  await visual.verifyNumber("birthdate", birthNumber(attributes.birthdate));
  const { presenceKey } = verifyAgeRecord(await visual.readAgeRecord(), authorities);
  const challenge = randomBytes(32);
  verifyPresence(presenceKey, challenge, await visual.provePresence(challenge));
});

test("wrong numbers are counted, each apart", async () => {
  const visual = await select();
  await expect(visual.verifyNumber("birthdate", "010101")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 9 });
  expect(await visual.triesLeft("birthdate")).toBe(9);
  expect(await visual.triesLeft("A")).toBe(10);
  expect(await visual.triesLeft("B")).toBe(10);
});

test("the application tells the municipality that issued the card", async () => {
  expect(await (await select()).readBasicInformation()).toMatchObject({ municipalityCode: printed.municipalityCode });
});

describe("the MF level", () => {
  test("tells expiry, municipality and answer to reset without any application", async () => {
    const domain = await IssuerDomain.select(await reader());
    expect(await domain.expiry()).toBe(printed.expiry);
    expect(await domain.municipalityCode()).toBe(printed.municipalityCode);
    expect(Buffer.from(await domain.answerToReset()).toString("hex")).toBe("e000ff8131fe4514");
    await expect(domain.getData(0x1234)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });

  test("has a chain of two certificates up to an authority", async () => {
    const chain = await (await IssuerDomain.select(await reader())).certificates();
    expect(verifyCardVerifiableCertificates(chain, authorities).keyId).toMatch(/^3133323231/);
    expect(() => verifyCardVerifiableCertificates(chain.slice(0, 1), authorities)).toThrow(
      expect.objectContaining({ code: "ISSUER_UNKNOWN" }),
    );
    for (const broken of [chain.toReversed(), [chain[0]!, chain[0]!]]) {
      expect(() => verifyCardVerifiableCertificates(broken, authorities)).toThrow(notAuthentic);
    }
    expect(() => verifyCardVerifiableCertificates([], authorities)).toThrow(RangeError);
  });
});
