import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  publicDecrypt,
  publicEncrypt,
  verify as verifySignature,
} from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../hex.ts";
import { encodeTlv, parseTlv, parseTlvs } from "../../tlv.ts";
import { createCard } from "../create-card.ts";
import { poweredCard, selects, verifyCommand } from "../powered-card.ts";
import { testContents, testKeyPairs } from "../test-card.ts";

const message = Buffer.from("本人確認");
const digest = createHash("sha256").update(message).digest();
const prefix = "3031300d060960864801650304020105000420";

function signed(p1: string, data: Uint8Array): Uint8Array {
  const { send } = poweredCard();
  send(selects.jpki);
  send(verifyCommand(0x18, "1234"));
  const answer = send(`802a${p1}97${data.length.toString(16).padStart(2, "0")}${toHex(data)}00`);
  expect(answer).toMatch(/^.{512}9000$/);
  return fromHex(answer.slice(0, 512))!;
}

describe("COMPUTE DIGITAL SIGNATURE", () => {
  const key = createPublicKey(testKeyPairs().authentication.privateKey);

  test.each([
    ["00", "the data as they are", fromHex("00ff")!, "00ff"],
    ["01", "the bare digest of a message", message, toHex(digest)],
    ["02", "a DigestInfo around a digest", digest, prefix + toHex(digest)],
    ["03", "a DigestInfo around the digest of a message", message, prefix + toHex(digest)],
  ])("with P1 %s pads %s", (p1, _, data, padded) => {
    expect(toHex(publicDecrypt(key, signed(p1, data)))).toBe(padded);
  });

  test.each([
    ["04", "a digest", digest],
    ["05", "a message", message],
  ])("with P1 %s signs %s by RSASSA-PSS, with another salt each time", (p1, _, data) => {
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const [first, second] = [signed(p1, data), signed(p1, data)];
    expect(verifySignature("sha256", message, pss, first)).toBe(true);
    expect(verifySignature("sha256", message, pss, second)).toBe(true);
    expect(first).not.toEqual(second);
  });

  test.each([
    ["06, no mode", `802a069720${toHex(digest)}00`, "6a86"],
    ["02 and 31 bytes", `802a02971f${toHex(digest.subarray(1))}00`, "6700"],
    ["04 and a message", `802a04970c${toHex(message)}00`, "6700"],
    ["03 and 256 bytes", `802a0397000100${"ab".repeat(256)}0000`, "6700"],
    ["an answer shorter than a signature", `802a00970401020304ff`, "6700"],
  ])("with P1 %s is refused", (_, command, status) => {
    const { send } = poweredCard();
    send(selects.jpki);
    send(verifyCommand(0x18, "1234"));
    expect(send(command)).toBe(status);
  });

  test("takes extended lengths", () => {
    const { send } = poweredCard();
    send(selects.jpki);
    send(verifyCommand(0x18, "1234"));
    expect(send("802a03970000030102030000")).toMatch(/^.{512}9000$/);
  });

  test("has no key of the application's own in 公的個人認証AP, and needs a reference there", () => {
    const { send } = poweredCard();
    send(selects.jpki);
    send(verifyCommand(0x18, "1234"));
    expect(send("802a030003abcdef00")).toBe("6a86");
  });
});

describe("INTERNAL AUTHENTICATE", () => {
  test("is answered by one key of 共通カードAP, without a PIN and always alike", () => {
    const { send } = poweredCard();
    send(selects.common);
    const answer = send("0088009908010203040506070800");
    expect(answer).toMatch(/^.{512}9000$/);
    expect(send("0088009908010203040506070800")).toBe(answer);
    send("00a4020c020019");
    expect(send("0088008008010203040506070800")).toBe(answer);
  });

  test.each([
    ["a key behind a PIN", selects.jpki, "008800970401020304" + "00", "6982"],
    ["a key that signs", selects.text, "008800930401020304" + "00", "6985"],
    ["a PIN", selects.common, "0088009c0401020304" + "00", "6981"],
    ["no challenge", selects.common, "0088009900", "6700"],
    ["another P1", selects.common, "008801990401020304" + "00", "6a86"],
  ])("%s refuses it", (_, application, command, status) => {
    const { send } = poweredCard();
    send(application);
    expect(send(command)).toBe(status);
  });

  test("the key that answers it computes no other signature", () => {
    const { send } = poweredCard();
    send(selects.common);
    expect(send("802a0099040102030400")).toBe("6985");
  });
});

describe("a PIN is changed", () => {
  test("in 共通カードAP and 住基AP by CHANGE KEY, in each by itself", () => {
    const { send, card } = poweredCard();
    send(selects.common);
    expect(send("8032009c0430303030")).toBe("6982");
    expect(send(verifyCommand(0x1c, "5678"))).toBe("9000");
    expect(send("0024019c0430303030")).toBe("6d00");
    expect(send("8032019c0430303030")).toBe("6a86");
    expect(send("8032009c03303030")).toBe("6700");
    expect(send("8032009c0430303030")).toBe("9000");
    card.reset();
    send(selects.common);
    expect(send(verifyCommand(0x1c, "0000"))).toBe("9000");
    send(selects.residentRegister);
    expect(send(verifyCommand(0x1c, "0000"))).toBe("63c2");
    expect(send(verifyCommand(0x1c, "5678"))).toBe("9000");
    expect(send("803200800430303030")).toBe("9000");
  });

  test("in 券面事項入力補助AP by CHANGE REFERENCE DATA", () => {
    const { send } = poweredCard();
    send(selects.text);
    send(verifyCommand(0x11, "5678"));
    expect(send("803200910430303030")).toBe("6d00");
    expect(send("002401910430303030")).toBe("9000");
    expect(send(verifyCommand(0x11, "0000"))).toBe("9000");
  });

  test("nowhere in 券面事項確認AP: what is printed on the card is no PIN", () => {
    const { send } = poweredCard();
    send(selects.visual);
    send(verifyCommand(0x13, "123456789018"));
    expect(send("002401930c313131313131313131313131")).toBe("6d00");
    expect(send("803200930c313131313131313131313131")).toBe("6d00");
  });
});

describe("GET DATA", () => {
  const ascii = (text: string) => `${toHex(Buffer.from(text))}9000`;

  test.each([
    ["00ca004200", /^(?:..){16}9000$/],
    ["00ca004500", ascii("400000012719843")],
    ["00ca006600", /^73.*2a864886fc6b.*9000$/],
    ["00ca00f000", ascii("13221")],
    ["00ca00f200", ascii("20350217")],
    ["00ca5f5100", "e000ff8131fe45149000"],
    ["00ca00f800", "6700"],
    ["00ca7f2100", "6700"],
    ["00ca00f100", "6a88"],
    ["00ca00f0", "6700"],
    ["00ca00f004", "6700"],
  ])("at power-on level %s is answered", (command, answer) => {
    const { send } = poweredCard();
    if (typeof answer === "string") expect(send(command)).toBe(answer);
    else expect(send(command)).toMatch(answer);
  });

  test("inside an application only the contact interface's answer to reset is known", () => {
    const { send } = poweredCard();
    send(selects.jpki);
    expect(send("00ca00f200")).toBe("6a88");
    expect(send("00ca5f5100")).toBe("e000ff8131fe45149000");
    expect(send(selects.issuerDomain)).toBe("9000");
    expect(send("00ca00f200")).toBe(ascii("20350217"));
  });

  test("the objects are no files", () => {
    const { send } = poweredCard();
    expect(send("00a4020c0200f2")).toBe("6a82");
    expect(send("00b0820000")).toBe("6a82");
  });
});

describe("a terminal's certificate", () => {
  const body = `000133${"00".repeat(307)}`;

  test.each([
    ["with other parameters", `80a20000${body}`, "6a86"],
    ["of another length", "80a206c10400000000", "6700"],
    ["of any other kind", `80a206c1${body}`, "6300"],
  ])("%s is refused", (_, command, status) => {
    const { send } = poweredCard();
    send(selects.jpki);
    expect(send(command)).toBe(status);
  });

  test("is nothing to the other applications", () => {
    const { send } = poweredCard();
    send(selects.text);
    expect(send(`80a206c1${body}`)).toBe("6a88");
  });
});

describe("secure messaging", () => {
  const seed = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");

  /** The terminal's end of a session. */
  function terminal(card = poweredCard(), delivered = Buffer.concat([Buffer.from("a0228020", "hex"), seed])) {
    const { send } = card;
    send(selects.text);
    const key = seed.subarray(0, 16);
    let counter = 1;
    const cbc = (make: typeof createCipheriv | typeof createDecipheriv, iv: Uint8Array, data: Uint8Array) =>
      make("aes-128-cbc", key, iv).setAutoPadding(false).update(data);
    const iv = () => {
      const block = Buffer.alloc(16);
      block.writeUInt32BE(counter, 12);
      return cbc(createCipheriv, new Uint8Array(16), block);
    };
    return {
      ...card,
      /** SET SESSION KEY after the PIN. */
      open() {
        expect(send(verifyCommand(0x11, "5678"))).toBe("9000");
        return this.deliver();
      },
      deliver() {
        const answer = send("00b08600000000");
        const objects = parseTlvs(parseTlv(fromHex(answer.slice(0, -4))!).value);
        const [e, n] = objects.map(({ value }) => Buffer.from(value).toString("base64url"));
        const publicKey = createPublicKey({ key: { kty: "RSA", e: e!, n: n! }, format: "jwk" });
        const padding = constants.RSA_PKCS1_OAEP_PADDING;
        return send(
          `80ae0000000100${toHex(publicEncrypt({ key: publicKey, padding, oaepHash: "sha256" }, delivered))}`,
        );
      },
      /** A command with encrypted data, as VERIFY and SELECT are sent. */
      sendEncrypted(header: string, data: Uint8Array) {
        const padded = Buffer.alloc((Math.floor(data.length / 16) + 1) * 16);
        padded.set(data);
        padded[data.length] = 0x80;
        const object = encodeTlv(0x86, Buffer.concat([Uint8Array.of(1), cbc(createCipheriv, iv(), padded)]));
        counter++;
        return send(`${header}${object.length.toString(16).padStart(2, "0")}${toHex(object)}`);
      },
      /** READ BINARY with Le 0: all of the file. */
      read() {
        const answer = send("08b0000000000596030000000000");
        if (answer.length === 4) {
          counter++;
          return answer;
        }
        const object = parseTlv(fromHex(answer.slice(0, -4))!);
        expect(object).toMatchObject({ tag: 0x86, size: answer.length / 2 - 2 });
        const plain = Buffer.from(cbc(createDecipheriv, iv(), object.value.subarray(1)));
        counter++;
        return toHex(plain.subarray(0, plain.lastIndexOf(0x80))) + answer.slice(-4);
      },
      skip: () => counter++,
    };
  }

  test("hides 照合番号A and what is read, with a counter that refused commands move as well", () => {
    const session = terminal();
    expect(session.open()).toBe("9000");
    expect(session.sendEncrypted("08200094", Buffer.from("123456789018"))).toBe("9000");
    expect(session.sendEncrypted("08200092", Buffer.from("0000"))).toBe("6984");
    expect(session.sendEncrypted("08a4020c", Uint8Array.of(0x00, 0x01))).toBe("9000");
    const expected = `ff100c${toHex(Buffer.from("123456789018"))}ffff9000`;
    expect(session.read()).toBe(expected);
    // Plain commands in between do not count.
    expect(session.send("00b0810000")).toBe(expected);
    expect(session.read()).toBe(expected);
    session.sendEncrypted("08a4020c", Uint8Array.of(0x00, 0x02));
    expect(session.read()).toMatch(/^ff20.*9000$/);
  });

  test("a wrong secret costs a try as in the clear", () => {
    const session = terminal();
    session.open();
    expect(session.sendEncrypted("08200094", Buffer.from("000000000000"))).toBe("63c9");
  });

  test("a wrong counter ends the session", () => {
    const session = terminal();
    session.open();
    session.skip();
    expect(session.sendEncrypted("08a4020c", Uint8Array.of(0x00, 0x01))).toBe("6988");
    expect(session.sendEncrypted("08a4020c", Uint8Array.of(0x00, 0x01))).toBe("69fc");
  });

  test.each([
    ["an expected length on VERIFY", "08200094059603000000"],
    ["encrypted data on READ BINARY", `08b0000013861101${"00".repeat(16)}00`],
    ["two objects", "08b000000a9603000000960300000000"],
    ["another padding indicator", `0820009413861102${"00".repeat(16)}`],
    ["no object", "08b0000000"],
    ["a command of another kind", "08840000059603000008"],
  ])("%s ends the session", (_, command) => {
    const session = terminal();
    session.open();
    expect(session.send(command)).toBe("6988");
    expect(session.send(command)).toBe("69fc");
  });

  test("needs the PIN, and 照合番号A is not enough", () => {
    const session = terminal();
    expect(session.send(`80ae0000000100${"00".repeat(256)}`)).toBe("6982");
    session.send(verifyCommand(0x14, "123456789018"));
    expect(session.deliver()).toBe("6982");
  });

  test.each([
    ["a key for checksums as well", `a0448020${"11".repeat(32)}8120${"22".repeat(32)}`],
    ["a key for checksums alone", `a0228120${"11".repeat(32)}`],
    ["a short seed", `a0128010${"11".repeat(16)}`],
  ])("%s is not accepted", (_, delivered) => {
    expect(terminal(poweredCard(), Buffer.from(delivered, "hex")).open()).toBe("6a80");
  });

  test("a message that nobody encrypted for this card is not accepted", () => {
    const { send } = poweredCard();
    send(selects.text);
    send(verifyCommand(0x11, "5678"));
    expect(send(`80ae0000000100${"00".repeat(255)}01`)).toBe("6a80");
    // As large as the modulus at least.
    expect(send(`80ae0000000100${"ff".repeat(256)}`)).toBe("6f00");
  });

  test("the header cannot be authenticated", () => {
    const session = terminal();
    expect(session.send("0cb0000005960300000000")).toBe("69fc");
    session.open();
    expect(session.send("0cb0000005960300000000")).toBe("6987");
  });

  test("ends when an application is selected or the card is reset", () => {
    const session = terminal();
    session.open();
    session.send(selects.text);
    expect(session.sendEncrypted("08a4020c", Uint8Array.of(0x00, 0x01))).toBe("69fc");
    session.open();
    session.card.reset();
    expect(session.send("08b0000005960300000000")).toBe("6882");
  });

  test.each([
    ["共通カードAP", selects.common, "66f1"],
    ["券面事項確認AP", selects.visual, "66f1"],
    ["公的個人認証AP", selects.jpki, "6982"],
    ["住基AP", selects.residentRegister, "6982"],
  ])("%s offers none", (_, application, status) => {
    const { send } = poweredCard();
    send(application);
    expect(send(`80ae0000000100${"00".repeat(256)}`)).toBe(status);
    expect(send("08b0000005960300000000")).toBe("69fc");
  });
});

describe("a phone's token", () => {
  const label = (send: (hex: string) => string) => Buffer.from(send("00b0860020").slice(0, -4), "hex").toString();
  const phone = (model: "android" | "iphone") => {
    const card = poweredCard(createCard(testContents({ model })));
    card.send(selects.jpki);
    return card;
  };

  test.each([
    ["android", "JPKIAPGPSETOKEN"],
    ["iphone", "JPKIAPIOSTOKEN"],
  ] as const)("of an %s is labelled, and gives the authentication certificate for its PIN only", (model, expected) => {
    const { send } = phone(model);
    expect(label(send)).toBe(expected.padEnd(32));
    expect(send("00b0860000")).toMatch(/^.{320}9000$/);
    expect(send("00b08a0004")).toBe("6982");
    send(verifyCommand(0x18, "1234"));
    expect(send("00b08a0004")).toMatch(/^3082....9000$/);
  });

  test("has the JPKI application only", () => {
    const { send } = phone("android");
    for (const application of [selects.text, selects.visual, selects.common, selects.residentRegister]) {
      expect(send(application)).toBe("6a82");
    }
  });

  test("of an iPhone alone is told that nothing more comes", () => {
    expect(phone("iphone").send("80fc0000")).toBe("9000");
    expect(phone("iphone").send("80fc0100")).toBe("6a86");
    expect(phone("android").send("80fc0000")).toBe("6700");
    expect(poweredCard().send("80fc0000")).toBe("6700");
  });
});
