import { constants, createCipheriv, createDecipheriv, createPublicKey, publicEncrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../hex.ts";
import { encodeTlv, parseTlv, parseTlvs } from "../../tlv.ts";
import { poweredCard, selects, verifyCommand } from "../powered-card.ts";

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
