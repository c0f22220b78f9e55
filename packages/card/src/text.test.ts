import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { CardError, CardErrorCode } from "./card-error.ts";
import { connectCard } from "./connect-card.ts";
import { toHex } from "./hex.ts";
import { verifyPresence } from "./presence.ts";
import { TextApplication } from "./text.ts";
import { myNumberFile, type SignedText, verifyPresenceKey, verifyText } from "./text-files.ts";
import { encodeTlv, parseTlv, parseTlvs } from "./tlv.ts";
import type { CardConnection, CardTransport } from "./transport.ts";
import { verificationNumberB } from "./verification-number.ts";
import { CardIssuer, temporaryIssuer } from "./virtual/card-issuer.ts";
import { createCard } from "./virtual/create-card.ts";
import { testContents } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";

const { myNumber, attributes, card: printed } = testContents();
const { authorities } = temporaryIssuer();
const numberB = verificationNumberB({ birthdate: attributes.birthdate, ...printed });

function reader(): Promise<CardConnection> {
  return connectCard(new VirtualCard(createCard(testContents()), { persist: () => undefined }));
}

async function opened(): Promise<TextApplication> {
  const text = await TextApplication.select(await reader());
  await text.verifyPin("5678");
  return text;
}

const failing = (code: CardErrorCode) => expect.objectContaining({ code } satisfies Partial<CardError>);

describe("the integrity record", () => {
  let signed: Required<SignedText>;
  beforeAll(async () => {
    signed = (await (await opened()).readSignedText({ myNumber: true, attributes: true })) as Required<SignedText>;
  });

  test("proves number and attributes to who trusts the issuer", () => {
    const issuerKeyId = expect.stringMatching(new RegExp(`^${toHex(Buffer.from(printed.municipalityCode))}`));
    expect(verifyText(signed, authorities)).toEqual({ myNumber, attributes, issuerKeyId });
  });

  test("proves each without the other, and returns nothing that was not given", () => {
    const { record, certificate } = signed;
    const proven = (text: Partial<SignedText>) => verifyText({ record, certificate, ...text }, authorities);
    expect(proven({ attributes: signed.attributes })).toEqual({ attributes, issuerKeyId: expect.any(String) });
    expect(proven({ myNumber: myNumberFile(myNumber) })).toEqual({ myNumber, issuerKeyId: expect.any(String) });
    expect(proven({})).toEqual({ issuerKeyId: expect.any(String) });
  });

  test("does not prove another number or another's attributes", () => {
    const withText = (text: Partial<SignedText>) => () => verifyText({ ...signed, ...text }, authorities);
    expect(withText({ myNumber: myNumberFile("123456789019") })).toThrow(failing("NOT_AUTHENTIC"));
    const changed = signed.attributes.slice();
    changed[Buffer.from(changed).indexOf("清瀬") + 2]! ^= 0x01;
    expect(withText({ attributes: changed })).toThrow(failing("NOT_AUTHENTIC"));
  });

  test("has no file whose bytes, each changed, are not noticed", () => {
    // Not covered: the table of offsets in EF 0002, which nothing is read by, and the filler behind an object.
    const table = 3 + 11;
    for (const name of ["myNumber", "attributes", "record", "certificate"] as const) {
      for (let index = name === "attributes" ? table : 0; index < signed[name].length; index += 3) {
        const changed = { ...signed, [name]: signed[name].map((byte, at) => (at === index ? byte ^ 0x01 : byte)) };
        const verified = () => verifyText(changed, authorities);
        expect(verified, `${name} ${index}`).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^(NOT_AUTHENTIC|MALFORMED_RESPONSE|ISSUER_UNKNOWN)$/),
          }),
        );
      }
    }
  });

  test("with digests of its own, signed by somebody else, proves nothing", () => {
    const [first, second] = parseTlvs(parseTlv(signed.record).value);
    const digests = Buffer.concat([encodeTlv(first!.tag, first!.value), encodeTlv(second!.tag, second!.value)]);
    const record = encodeTlv(0xff30, Buffer.concat([digests, encodeTlv(0xdf33, randomBytes(256).fill(0x11, 0, 1))]));
    expect(() => verifyText({ ...signed, record }, authorities)).toThrow(failing("NOT_AUTHENTIC"));
  });

  test("whose objects stand in another order is not read", () => {
    const objects = parseTlvs(parseTlv(signed.record).value).map(({ tag, value }) => encodeTlv(tag, value));
    const record = encodeTlv(0xff30, Buffer.concat(objects.toReversed()));
    expect(() => verifyText({ ...signed, record }, authorities)).toThrow(failing("MALFORMED_RESPONSE"));
  });

  test("of an issuer whom nobody trusts is refused, also under a trusted key's id", () => {
    expect(() => verifyText(signed, authorities.slice(0, 1))).toThrow(failing("ISSUER_UNKNOWN"));
    const stranger = new CardIssuer().authorities;
    expect(() => verifyText(signed, stranger)).toThrow(failing("NOT_AUTHENTIC"));
    expect(() => verifyText(signed, [])).toThrow(RangeError);
  });
});

describe("presence", () => {
  test("is shown by a signature over the challenge with a key that the issuer signed", async () => {
    const text = await opened();
    const files = { presenceKey: await text.readPresenceKey(), certificate: await text.readCertificate() };
    const key = verifyPresenceKey(files, authorities);
    const challenge = randomBytes(32);
    const signature = await text.provePresence(challenge);
    verifyPresence(key, challenge, signature);
    expect(() => verifyPresence(key, randomBytes(32), signature)).toThrow(failing("NOT_AUTHENTIC"));
    const changed = files.presenceKey.map((byte, at) => (at === 100 ? byte ^ 0x01 : byte));
    expect(() => verifyPresenceKey({ ...files, presenceKey: changed }, authorities)).toThrow(failing("NOT_AUTHENTIC"));
  });

  test("needs no PIN", async () => {
    expect(await (await TextApplication.select(await reader())).provePresence(Uint8Array.of(1))).toHaveLength(256);
  });
});

describe("照合番号", () => {
  test("A opens the number, B the attributes, either the record", async () => {
    const text = await TextApplication.select(await reader());
    await text.verifyNumber("A", myNumber);
    expect(await text.readMyNumber()).toBe(myNumber);
    await expect(text.readAttributes()).rejects.toMatchObject({ code: "SECURITY_STATUS" });
    const other = await TextApplication.select(await reader());
    await other.verifyNumber("B", numberB);
    expect(await other.readAttributes()).toEqual(attributes);
    await expect(other.readMyNumber()).rejects.toMatchObject({ code: "SECURITY_STATUS" });
    expect(verifyText(await other.readSignedText({ attributes: true }), authorities)).toMatchObject({ attributes });
  });

  test("counts its own tries", async () => {
    const text = await TextApplication.select(await reader());
    await expect(text.verifyNumber("A", "000000000000")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 9 });
    await expect(text.verifyNumber("B", "12345678")).rejects.toMatchObject({ code: "PIN_FORMAT" });
    expect(await Promise.all([text.triesLeft("A")])).toEqual([9]);
    expect(await text.triesLeft("B")).toBe(10);
    expect(await text.triesLeft()).toBe(3);
  });
});

test("the application tells its version and lengths", async () => {
  const text = await TextApplication.select(await reader());
  expect(await text.readBasicInformation()).toMatchObject({
    extendedLength: true,
    keyId: expect.stringMatching(/^39/),
  });
});

test("a changed PIN is the PIN", async () => {
  const card = await reader();
  const text = await TextApplication.select(card);
  await expect(text.changePin("8765")).rejects.toMatchObject({ code: "SECURITY_STATUS" });
  await text.verifyPin("5678");
  await text.changePin("8765");
  const again = await TextApplication.select(card);
  await expect(again.verifyPin("5678")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 2 });
  await again.verifyPin("8765");
});

describe("secure messaging", () => {
  /** A reader whose commands and answers somebody listens to. */
  async function overheard() {
    const card = await reader();
    const heard: string[] = [];
    const transport: CardTransport = {
      async transmit(command) {
        const answer = await card.transmit(command);
        heard.push(toHex(command), toHex(answer));
        return answer;
      },
    };
    const text = await TextApplication.select(transport);
    await text.verifyPin("5678");
    // One key for every run: a command under another counter has good padding by chance once in 256 keys.
    await text.startSecureMessaging((size) => new Uint8Array(size).fill(0x07));
    heard.length = 0;
    return { text, heard, card };
  }

  test("reads the same, and whoever listens hears none of it", async () => {
    const { text, heard } = await overheard();
    expect(await text.readMyNumber()).toBe(myNumber);
    expect(await text.readAttributes()).toEqual(attributes);
    expect(verifyText(await text.readSignedText({ myNumber: true }), authorities)).toMatchObject({ myNumber });
    expect(heard.length).toBeGreaterThan(8);
    const all = heard.join();
    expect(all).not.toContain(toHex(Buffer.from(myNumber)));
    expect(all).not.toContain(toHex(Buffer.from(attributes.name)));
    expect(heard.filter((command, index) => index % 2 === 0 && !command.startsWith("08"))).toEqual([]);
  });

  test("carries a PIN encrypted", async () => {
    const { text, heard } = await overheard();
    await text.verifyPin("5678");
    expect(heard.join()).not.toContain(toHex(Buffer.from("5678")));
    await expect(text.verifyPin("0000")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 2 });
    // The card counts a command that the application refused: the next one still fits.
    await text.verifyPin("5678");
    expect(await text.readMyNumber()).toBe(myNumber);
  });

  test("ends for good when the card has seen a command that this side has not", async () => {
    const { text, heard, card } = await overheard();
    await text.readMyNumber();
    await card.transmit(Buffer.from(heard.find((command) => command.startsWith("08b0"))!, "hex"));
    await expect(text.readMyNumber()).rejects.toMatchObject({ code: "SECURE_MESSAGING", statusWord: 0x6988 });
    await expect(text.readMyNumber()).rejects.toMatchObject({ code: "SECURE_MESSAGING" });
  });

  test("does not begin before the PIN", async () => {
    const text = await TextApplication.select(await reader());
    await expect(text.startSecureMessaging(randomBytes)).rejects.toMatchObject({ code: "SECURITY_STATUS" });
  });
});
