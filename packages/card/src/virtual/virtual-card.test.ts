import { createPublicKey, publicDecrypt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { replaceAttributes, replaceCertificates, resetPin, triesLeft } from "./change-card.ts";
import { createCard } from "./create-card.ts";
import { poweredCard } from "./powered-card.ts";
import { testContents, testKeyPair, testKeyPairs } from "./test-card.ts";
import { VirtualCard } from "./virtual-card.ts";

const selectJpki = "00a4040c0ad392f000260100000001";
const selectText = "00a4040c0ad3921000310001010408";
const selectCommon = "00a4040c0ad3921000310001010100";
const signaturePassword = toHex(Buffer.from("ABC123"));
const digestInfo = `3031300d060960864801650304020105000420${"5a".repeat(32)}`;

describe("selection", () => {
  test.each([
    ["00a4040c07a0000000791000", "6a82"],
    ["00a40400087627" + "01ff0000", "6700"],
    ["00a4040006762701ff0000", "6a82"],
    ["00a4040006a0000000010100", "6a82"],
    ["00a4040006d27600012401", "6a82"],
    ["00cadf3005", "6a88"],
    ["00cb3fff035c017e08", "6d00"],
    ["00a40000", "6a86"],
    ["00a40000023f00", "6a82"],
    ["00a4020c020018", "6a82"],
    ["00a4080c020018", "6a86"],
    ["00a4040c04d392f000", "6a82"],
    ["00b0000000", "6986"],
    ["00200080", "6986"],
    ["802a00800401020304" + "00", "6986"],
    ["90a4040c", "6e00"],
    ["80b0000000", "6d00"],
    ["01b0000000", "6881"],
    ["0cb0000000", "6882"],
    ["00a4", "6700"],
  ])("after reset %s is answered %s", (command, answer) => {
    expect(poweredCard().send(command)).toBe(answer);
  });

  test("an application is selected by its name, with or without a wish for control information, or by its beginning", () => {
    const { send } = poweredCard();
    for (const command of [selectJpki, "00a404000ad392f00026010000000100", "00a4040c05d392f00026", selectText]) {
      expect(send(command)).toBe("9000");
    }
  });

  test("inside an application the card claims to have selected the MF it does not have", () => {
    const { send } = poweredCard();
    send(selectJpki);
    expect(send("00a40000")).toBe("9000");
    expect(send("00a4020c020018")).toBe("9000");
  });

  test("a failed selection leaves the application and the verified PIN as they were", () => {
    const { send } = poweredCard();
    send(selectJpki);
    send("00200098" + "0431323334");
    expect(send("00a4040c07a0000000791000")).toBe("6a82");
    expect(send(`802a0097${"33"}${digestInfo}00`)).toMatch(/9000$/);
  });

  test.each([
    ["another application", ({ send }: ReturnType<typeof poweredCard>) => send(selectText)],
    ["the same application", ({ send }: ReturnType<typeof poweredCard>) => send(selectJpki)],
    ["a reset", ({ card }: ReturnType<typeof poweredCard>) => card.reset()],
    ["a power cut", ({ card }: ReturnType<typeof poweredCard>) => [card.powerOff(), card.powerOn()]],
  ])("%s forgets what was verified", (_, leave) => {
    const reader = poweredCard();
    reader.send(selectJpki);
    reader.send(`0020009b06${signaturePassword}`);
    expect(reader.send("00b0810004")).toMatch(/^3082....9000$/);
    leave(reader);
    reader.send(selectJpki);
    expect(reader.send("00b0810004")).toBe("6982");
  });
});

describe("files", () => {
  test("token information has 160 bytes and the label that readers look for", () => {
    const { send } = poweredCard();
    send(selectJpki);
    const content = fromHex(send("00b0860000"))!;
    expect(content.length).toBe(162);
    expect(Buffer.from(content.subarray(0, 32)).toString()).toBe("JPKIAPICCTOKEN2".padEnd(32));
  });

  test("READ BINARY reads by current file, by short identifier, with extended Le, and up to the end", () => {
    const contents = testContents();
    const certificate = contents.authentication!.certificate;
    const { send } = poweredCard(createCard(contents));
    send(selectJpki);
    send("00a4020c02000a");
    expect(send("00b0000004")).toBe(`${toHex(certificate.subarray(0, 4))}9000`);
    expect(send("00b0000000")).toBe(`${toHex(certificate.subarray(0, 256))}9000`);
    expect(send("00b00000000000")).toBe(`${toHex(certificate)}9000`);
    expect(send("00b0010000")).toBe(`${toHex(certificate.subarray(256, 512))}9000`);
    expect(send("00b08b0204")).toBe(`${toHex(contents.certificateAuthorities.authentication.subarray(2, 6))}9000`);
    // The short identifier made EF 000B the current one.
    expect(send("00b0000304")).toBe(`${toHex(contents.certificateAuthorities.authentication.subarray(3, 7))}9000`);
  });

  test.each([
    ["past the end", "00b0000300", "6b00"],
    ["at a far offset", "00b07fff00", "6b00"],
    ["without Le", "00b00000", "6700"],
    ["with data", "00b000000100", "6700"],
    ["by an SFI that names no file", "00b0830000", "6a82"],
    ["by SFI 31", "00b09f0000", "6a86"],
    ["with reserved bits", "00b0a80000", "6a86"],
    ["of a PIN", "00b0980000", "6981"],
    ["of a private key", "00b0970000", "6981"],
    ["of the signature certificate without its password", "00b0810000", "6982"],
    ["of a record on a transparent file", "00b2010400", "6981"],
  ])("READ BINARY %s is refused", (_, command, answer) => {
    const { send } = poweredCard();
    send(selectJpki);
    send("00a4020c020008");
    expect(send(command)).toBe(answer);
  });

  test("the card's own record is read by number, by current file or short identifier", () => {
    const { send } = poweredCard();
    send(selectCommon);
    send("00a4020c020001");
    const record = `011c${toHex(Buffer.from("4000000127198431322120350217"))}9000`;
    expect(send("00b2010400")).toBe(record);
    expect(send("00b2010c00")).toBe(record);
    expect(send("00b2020400")).toBe("6a83");
    expect(send("00b2000400")).toBe("6a83");
    expect(send("00b2010500")).toBe("6a81");
    expect(send("00b2010600")).toBe("6a86");
    expect(send("00b0000000")).toBe("6981");
  });

  test("My Number has 17 bytes and opens with its PIN or with 照合番号A; the attributes with the PIN or 照合番号B", () => {
    const myNumber = `ff100c${toHex(Buffer.from("123456789018"))}ffff9000`;
    const { send } = poweredCard();
    const attributesAfter = (verify: string) => [send(selectText), send(verify), send("00b0820003")].slice(1);
    const numberAfter = (verify: string) => [send(selectText), send(verify), send("00b0810011")].slice(1);
    expect(numberAfter(`0020009104${toHex(Buffer.from("5678"))}`)).toEqual(["9000", myNumber]);
    expect(numberAfter(`002000940c${toHex(Buffer.from("123456789018"))}`)).toEqual(["9000", myNumber]);
    // 1990 is 平成2年: era year, month, day, the card's expiry year, the security code.
    const numberB = toHex(Buffer.from("02010220352285"));
    expect(numberAfter(`002000950e${numberB}`)).toEqual(["9000", "6982"]);
    expect(attributesAfter(`002000950e${numberB}`)).toEqual(["9000", expect.stringMatching(/^ff20..9000$/)]);
    expect(attributesAfter(`002000940c${toHex(Buffer.from("123456789018"))}`)).toEqual(["9000", "6982"]);
  });

  test("GET CHALLENGE gives as many random bytes as asked for", () => {
    const card = new VirtualCard(createCard(testContents()), {
      persist: () => undefined,
      randomBytes: (size) => new Uint8Array(size).fill(7),
    });
    card.powerOn();
    expect(toHex(card.transmit(fromHex("0084000008")!))).toBe("07070707070707079000");
  });
});

describe("PINs", () => {
  test("an empty VERIFY tells the tries left and costs none, also when the PIN is verified or blocked", () => {
    const { send } = poweredCard();
    send(selectJpki);
    expect(send("0020009b")).toBe("63c5");
    expect(send("00200098")).toBe("63c3");
    expect(send("0020009804" + "31323334")).toBe("9000");
    expect(send("00200098")).toBe("63c3");
    const wrong = ["30303030", "30303031", "30303032"].map((pin) => send(`0020009804${pin}`));
    expect(wrong).toEqual(["63c2", "63c1", "63c0"]);
    expect(send("00200098")).toBe("63c0");
    expect(send("0020009804" + "31323334")).toBe("6984");
    expect(send("00200098")).toBe("63c0");
  });

  test("the right PIN restores the counter, a wrong one closes what was open", () => {
    const { send } = poweredCard();
    send(selectJpki);
    expect(send("002000980430303030")).toBe("63c2");
    expect(send("002000980431323334")).toBe("9000");
    expect(send("002000980430303030")).toBe("63c2");
    expect(send(`802a009733${digestInfo}00`)).toBe("6982");
  });

  test("the comparison is of bytes: case, length and filler matter", () => {
    const { send } = poweredCard();
    send(selectJpki);
    expect(send(`0020009b06${toHex(Buffer.from("abc123"))}`)).toBe("63c4");
    expect(send(`0020009b07${signaturePassword}00`)).toBe("63c3");
    expect(send(`0020009b05${signaturePassword.slice(0, 10)}`)).toBe("63c2");
  });

  test.each([
    ["0020019804" + "31323334", "6a86"],
    ["0020001804" + "31323334", "6a86"],
    ["002000980431323334" + "00", "6700"],
    ["0020009800", "6700"],
    ["0020009704" + "31323334", "6981"],
    ["0020009104" + "31323334", "6a82"],
  ])("%s is answered %s and costs no try", (command, answer) => {
    const { send, stored } = poweredCard();
    send(selectJpki);
    expect(send(command)).toBe(answer);
    expect(triesLeft(stored.state, "authentication")).toBe(3);
  });

  test("a used try is stored before the answer leaves, and survives the loss of power", () => {
    const { card, send, stored } = poweredCard();
    send(selectJpki);
    send("002000980430303030");
    expect(triesLeft(stored.state, "authentication")).toBe(2);
    card.powerOff();
    const again = poweredCard(JSON.parse(JSON.stringify(stored.state)));
    again.send(selectJpki);
    expect(again.send("00200098")).toBe("63c2");
  });

  test("a card that cannot store the try does not look at the PIN", () => {
    const card = new VirtualCard(createCard(testContents()), {
      persist: () => {
        throw new Error("disk full");
      },
    });
    card.powerOn();
    card.transmit(fromHex(selectJpki)!);
    expect(toHex(card.transmit(fromHex("002000980431323334")!))).toBe("6581");
    expect(toHex(card.transmit(fromHex("002000980430303030")!))).toBe("6581");
    expect(toHex(card.transmit(fromHex("00200098")!))).toBe("63c3");
  });

  test("a verified PIN is changed by sending the new one; it holds after a power cut", () => {
    const { card, send } = poweredCard();
    send(selectJpki);
    expect(send("002401980434333231")).toBe("6982");
    send("002000980431323334");
    expect(send("0024019803343332")).toBe("6700");
    expect(send("002400980434333231")).toBe("6a86");
    expect(send("002401980434333231")).toBe("9000");
    card.powerOff();
    card.powerOn();
    send(selectJpki);
    expect(send("002000980431323334")).toBe("63c2");
    expect(send("002000980434333231")).toBe("9000");
  });
});

describe("keys", () => {
  test("data up to 245 bytes are padded and signed as they are, whatever they are", () => {
    const publicKey = createPublicKey(testKeyPairs().signature.privateKey);
    const { send } = poweredCard();
    send(selectJpki);
    send(`0020009b06${signaturePassword}`);
    for (const data of ["00", digestInfo, "ab".repeat(245)]) {
      const length = (data.length / 2).toString(16).padStart(2, "0");
      const answer = send(`802a009a${length}${data}00`);
      expect(answer).toMatch(/^.{512}9000$/);
      expect(toHex(publicDecrypt(publicKey, fromHex(answer.slice(0, 512))!))).toBe(data);
    }
  });

  test.each([
    ["246 bytes", `802a0097f6${"ab".repeat(246)}00`, "6700"],
    ["no data", "802a009700", "6700"],
    ["no Le", `802a009733${digestInfo}`, "6700"],
    ["another padding", `802a069733${digestInfo}00`, "6a86"],
    ["a PIN for a key", `802a009833${digestInfo}00`, "6981"],
    ["the key of the other PIN", `802a009a33${digestInfo}00`, "6982"],
    ["the key in the other class", `002a009733${digestInfo}00`, "6d00"],
  ])("%s is refused", (_, command, answer) => {
    const { send } = poweredCard();
    send(selectJpki);
    send("002000980431323334");
    expect(send(command)).toBe(answer);
  });
});

describe("what the city office changes", () => {
  test("a card without signature certificate shows it in EF 0008 and keeps the password locked until one is given", () => {
    const child = createCard(testContents({ signature: null }));
    const { send } = poweredCard(child);
    send(selectJpki);
    expect(send("00b0880003")).toBe("008f009000");
    expect(send("0020009b")).toBe("63c0");
    expect(send(`0020009b06${signaturePassword}`)).toBe("6984");
    const pair = testContents().signature!;
    const grown = poweredCard(resetPin(replaceCertificates(child, { signature: pair }), "signature", "ABC123"));
    grown.send(selectJpki);
    expect(grown.send("00b0880003")).toBe("8f8f009000");
    expect(grown.send(`0020009b06${signaturePassword}`)).toBe("9000");
    expect(grown.send("00b0810004")).toBe(`${toHex(pair.certificate.subarray(0, 4))}9000`);
  });

  test("a renewal changes certificate and key, and leaves PIN and counter", () => {
    const before = poweredCard();
    before.send(selectJpki);
    before.send("002000980430303030");
    const renewal = testKeyPair("Renewed");
    const { send } = poweredCard(replaceCertificates(before.stored.state, { authentication: renewal }));
    send(selectJpki);
    expect(send("00200098")).toBe("63c2");
    expect(send("002000980431323334")).toBe("9000");
    expect(send("00b08a00000000")).toBe(`${toHex(renewal.certificate)}9000`);
    const signature = send(`802a009733${digestInfo}00`).slice(0, 512);
    expect(toHex(publicDecrypt(createPublicKey(renewal.privateKey), fromHex(signature)!))).toBe(digestInfo);
  });

  test("a new PIN has all its tries; a move changes the text", () => {
    const { send, stored } = poweredCard();
    send(selectText);
    for (let attempt = 0; attempt < 3; attempt++) send("002000910430303030");
    const attributes = { ...testContents().attributes, address: "香川県高松市番町１丁目８番１５号" };
    const after = poweredCard(replaceAttributes(resetPin(stored.state, "text", "0987"), attributes));
    after.send(selectText);
    expect(after.send(`0020009104${toHex(Buffer.from("0987"))}`)).toBe("9000");
    expect(after.send("00b08200000000")).toContain(toHex(Buffer.from(attributes.address)));
  });

  test.each([
    ["a password without a digit", { pins: { signature: "ABCDEF", authentication: "1234", text: "5678" } }],
    ["a PIN of five digits", { pins: { signature: "ABC123", authentication: "12345", text: "5678" } }],
    ["a number of eleven digits", { myNumber: "12345678901" }],
  ])("%s is not issued", (_, changes) => {
    expect(() => createCard(testContents(changes))).toThrow(TypeError);
  });
});

test("without power there is no card", () => {
  const { card } = poweredCard();
  card.powerOff();
  expect(() => card.transmit(fromHex(selectJpki)!)).toThrow(expect.objectContaining({ code: "CARD_LOST" }));
});
