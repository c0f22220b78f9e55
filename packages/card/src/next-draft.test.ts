import { randomBytes, verify, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { parsePublicKey } from "./card-public-key.ts";
import { type CardAuthority, parseCardVerifiableCertificate } from "./card-verifiable-certificate.ts";
import { connectCard } from "./connect-card.ts";
import { JpkiApplication } from "./jpki.ts";
import { verifyPresence } from "./presence.ts";
import { TextApplication } from "./text.ts";
import { verifyText } from "./text-files.ts";
import type { CardConnection } from "./transport.ts";
import { verificationNumberB } from "./verification-number.ts";
import { temporaryIssuer } from "./virtual/card-issuer.ts";
import { createCard } from "./virtual/create-card.ts";
import { draftContents } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";
import { VisualApplication } from "./visual.ts";
import { verifyCardFace, verifyMyNumberImage } from "./visual-files.ts";

const contents = draftContents();
const authorities: CardAuthority[] = [temporaryIssuer().draftAuthority];
const message = Buffer.from("本人確認");
const notAuthentic = expect.objectContaining({ code: "NOT_AUTHENTIC" });

/** The client of the present card on the draft of the next one, which says that it is a draft. */
function reader(): Promise<CardConnection> {
  return connectCard(new VirtualCard(createCard(contents), { persist: () => undefined }));
}

test("it is no My Number Card, unless drafts are accepted", async () => {
  const card = await reader();
  for (const application of [JpkiApplication, TextApplication, VisualApplication]) {
    await expect(application.select(card)).rejects.toMatchObject({ code: "NOT_A_MY_NUMBER_CARD" });
  }
});

test.each(["signature", "authentication"] as const)(
  "its %s key signs by ES384, and the certificate verifies it",
  async (key) => {
    const jpki = await JpkiApplication.select(await reader(), { acceptDraft: true });
    expect((await jpki.readTokenInformation()).model).toBe("next-draft");
    expect(jpki.algorithm).toBe("ES384");
    await jpki.verifyPin(key, contents.pins[key]);
    const certificate = new X509Certificate(await jpki.readCertificate(key));
    const signature = await jpki.sign(key, message);
    expect(verify("sha384", message, { key: certificate.publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    await expect(jpki.sign(key, message, { algorithm: "RS256" })).rejects.toThrow(RangeError);
    await expect(jpki.computeSignature(key, "pssDigest", new Uint8Array(32))).rejects.toThrow(RangeError);
  },
);

test("its one PIN opens number and attributes, and the record proves them", async () => {
  const text = await TextApplication.select(await reader(), { acceptDraft: true });
  await text.verifyPin(contents.pins.authentication);
  expect(await text.readMyNumber()).toBe(contents.myNumber);
  const signed = await text.readSignedText({ myNumber: true, attributes: true });
  const { myNumber, attributes } = contents;
  expect(verifyText(signed, authorities)).toMatchObject({ myNumber, attributes });
  const changed = signed.attributes!.map((byte, at) => (at === 20 ? byte ^ 0x01 : byte));
  expect(() => verifyText({ ...signed, attributes: changed }, authorities)).toThrow(notAuthentic);
  const record = signed.record.map((byte, at) => (at === signed.record.length - 1 ? byte ^ 0x01 : byte));
  expect(() => verifyText({ ...signed, record }, authorities)).toThrow(notAuthentic);
  await expect(text.verifyNumber("A", myNumber)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("its face is verified, and the chip answers a challenge", async () => {
  const { attributes, card, myNumber } = contents;
  const visual = await VisualApplication.select(await reader(), { acceptDraft: true });
  await visual.verifyNumber("B", verificationNumberB({ birthdate: attributes.birthdate, ...card }));
  const face = verifyCardFace(await visual.readFace(), authorities);
  expect(face.birthdate).toBe(attributes.birthdate);
  const challenge = randomBytes(32);
  const signature = await visual.provePresence(challenge);
  verifyPresence(face.presenceKey, challenge, signature);
  expect(() => verifyPresence(face.presenceKey, randomBytes(32), signature)).toThrow(notAuthentic);
  expect(() => verifyPresence(face.presenceKey, challenge, new Uint8Array(96))).toThrow(notAuthentic);
  expect(() => verifyPresence(face.presenceKey, challenge, signature.subarray(1))).toThrow(notAuthentic);
  await visual.verifyNumber("A", myNumber);
  verifyMyNumberImage(await visual.readMyNumberImage(), authorities);
});

test.each([
  ["a compressed point", (point: Buffer) => Buffer.concat([Buffer.of(0x02), point.subarray(1, 49)])],
  ["a point beside the curve", (point: Buffer) => Buffer.from(point.fill(0x01, 60, 64))],
  ["a point that is a byte short", (point: Buffer) => point.subarray(0, 96)],
])("a certificate with %s is MALFORMED_RESPONSE", async (_, change) => {
  const visual = await VisualApplication.select(await reader(), { acceptDraft: true });
  const certificate = Buffer.from(await visual.readCertificate());
  const parsed = parseCardVerifiableCertificate(certificate);
  const point = Buffer.from("point" in parsed.publicKey ? parsed.publicKey.point : []);
  const bytes = change(point);
  const object = Buffer.concat([Buffer.of(0x86, bytes.length), bytes]);
  expect(() => parsePublicKey(object)).toThrow(expect.objectContaining({ code: "MALFORMED_RESPONSE" }));
});
