import { constants, createHash, createPublicKey, publicDecrypt, verify, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CardError } from "./card-error.ts";
import { CommonApplication } from "./common.ts";
import type { SignatureMode } from "./compute-signature.ts";
import { fromHex, toHex } from "./hex.ts";
import { IssuerDomain } from "./issuer-domain.ts";
import { JpkiApplication } from "./jpki.ts";
import { changeResidentRegisterPin } from "./juki.ts";
import { SecureMessaging } from "./secure-messaging.ts";
import { TextApplication } from "./text.ts";
import type { CardTransport } from "./transport.ts";
import type { CardContents } from "./virtual/card-contents.ts";
import { createCard } from "./virtual/create-card.ts";
import { testContents, testKeyPairs } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";
import { VisualApplication } from "./visual.ts";
import { parseCardFace } from "./visual-files.ts";

const message = new TextEncoder().encode("enrolment statement");

/** A resident's card in a reader, with a log of what was sent, from which it can be taken after some commands. */
function reader({ changes = {}, removedAfter = Number.POSITIVE_INFINITY }: ReaderOptions = {}) {
  const card = new VirtualCard(createCard(testContents(changes)), { persist: () => undefined });
  card.powerOn();
  const sent: string[] = [];
  const transport: CardTransport = {
    async transmit(command) {
      sent.push(toHex(command));
      if (sent.length > removedAfter) card.powerOff();
      return card.transmit(command);
    },
  };
  const verifications = () => sent.filter((command) => command.startsWith("002000") && command.length > 8);
  return { card, transport, sent, verifications };
}
type ReaderOptions = { changes?: Partial<CardContents>; removedAfter?: number };

async function wrongPassword(jpki: JpkiApplication, times: number): Promise<void> {
  for (let attempt = 0; attempt < times; attempt++) {
    await jpki.verifyPin("signature", "WRONG1", { lastTryAllowed: true }).catch(() => undefined);
  }
}

describe("a session with a card", () => {
  test("one password opens the signature certificate and signs with its key", async () => {
    const jpki = await JpkiApplication.select(reader().transport);
    await jpki.verifyPin("signature", "abc123");
    const certificate = new X509Certificate(await jpki.readCertificate("signature"));
    const signature = await jpki.sign("signature", message);
    expect(verify("sha256", message, certificate.publicKey, signature)).toBe(true);
    expect(createPublicKey(testKeyPairs().signature.privateKey).equals(certificate.publicKey)).toBe(true);
  });

  test("four digits sign with the authentication key, whose certificate is free", async () => {
    const jpki = await JpkiApplication.select(reader().transport);
    const certificate = new X509Certificate(await jpki.readCertificate("authentication"));
    await jpki.verifyPin("authentication", "1234");
    expect(verify("sha256", message, certificate.publicKey, await jpki.sign("authentication", message))).toBe(true);
  });

  test.each([
    ["RS256", "RSA-SHA256", constants.RSA_PKCS1_PADDING],
    ["RS384", "RSA-SHA384", constants.RSA_PKCS1_PADDING],
    ["RS512", "RSA-SHA512", constants.RSA_PKCS1_PADDING],
    ["PS256", "RSA-SHA256", constants.RSA_PKCS1_PSS_PADDING],
  ] as const)("a message is signed by %s", async (algorithm, hash, padding) => {
    const jpki = await JpkiApplication.select(reader().transport);
    await jpki.verifyPin("authentication", "1234");
    const { publicKey } = new X509Certificate(await jpki.readCertificate("authentication"));
    const long = Buffer.alloc(100_000, "a");
    const signature = await jpki.sign("authentication", long, { algorithm });
    expect(verify(hash, long, { key: publicKey, padding }, signature)).toBe(true);
  });

  test("each of the card's own modes signs what it says", async () => {
    const jpki = await JpkiApplication.select(reader().transport);
    await jpki.verifyPin("authentication", "1234");
    const key = new X509Certificate(await jpki.readCertificate("authentication")).publicKey;
    const digest = createHash("sha256").update(message).digest();
    const recovered = async (mode: SignatureMode, input: Uint8Array) =>
      publicDecrypt(key, await jpki.computeSignature("authentication", mode, input));
    expect(await recovered("verbatim", message)).toEqual(Buffer.from(message));
    expect(await recovered("bareDigestOfMessage", message)).toEqual(digest);
    for (const [mode, input, padding] of [
      ["digest", digest, constants.RSA_PKCS1_PADDING],
      ["message", message, constants.RSA_PKCS1_PADDING],
      ["pssDigest", digest, constants.RSA_PKCS1_PSS_PADDING],
      ["pssMessage", message, constants.RSA_PKCS1_PSS_PADDING],
    ] as const) {
      const signature = await jpki.computeSignature("authentication", mode, input);
      expect(verify("sha256", message, { key, padding }, signature), mode).toBe(true);
    }
  });

  test.each([
    ["verbatim", 0],
    ["verbatim", 246],
    ["message", 256],
    ["digest", 31],
    ["pssDigest", 33],
  ] as const)("mode %s does not send %i bytes", async (mode, length) => {
    const { transport, sent } = reader();
    const jpki = await JpkiApplication.select(transport);
    await expect(jpki.computeSignature("authentication", mode, new Uint8Array(length))).rejects.toThrow(RangeError);
    expect(sent.filter((command) => command.startsWith("802a"))).toEqual([]);
  });

  test("the token tells that it is a card", async () => {
    const jpki = await JpkiApplication.select(reader().transport);
    expect(await jpki.readTokenInformation()).toMatchObject({ model: "card", label: "JPKIAPICCTOKEN2" });
  });

  test.each(["android", "iphone"] as const)(
    "a phone (%s) gives its authentication certificate after the PIN",
    async (model) => {
      const { transport } = reader({ changes: { model } });
      const jpki = await JpkiApplication.select(transport);
      expect((await jpki.readTokenInformation()).model).toBe(model);
      await expect(jpki.readCertificate("authentication")).rejects.toMatchObject({ code: "SECURITY_STATUS" });
      await jpki.verifyPin("authentication", "1234");
      const { publicKey } = new X509Certificate(await jpki.readCertificate("authentication"));
      expect(verify("sha256", message, publicKey, await jpki.sign("authentication", message))).toBe(true);
      await expect(TextApplication.select(transport)).rejects.toMatchObject({ code: "NOT_A_MY_NUMBER_CARD" });
    },
  );

  test("both CA certificates are free", async () => {
    const contents = testContents();
    const jpki = await JpkiApplication.select(reader().transport);
    const { signature, authentication } = contents.certificateAuthorities;
    expect(await jpki.readCertificate("signature-ca")).toEqual(Uint8Array.from(signature));
    expect(await jpki.readCertificate("authentication-ca")).toEqual(Uint8Array.from(authentication));
  });

  test("the text application gives the attributes and, to who asks, the number", async () => {
    const text = await TextApplication.select(reader().transport);
    await text.verifyPin("5678");
    expect(await text.readAttributes()).toEqual(testContents().attributes);
    expect(await text.readMyNumber()).toBe("123456789018");
  });

  test("a very long address is read whole", async () => {
    const attributes = { ...testContents().attributes, address: "東京都".padEnd(200, "あ") };
    const text = await TextApplication.select(reader({ changes: { attributes } }).transport);
    await text.verifyPin("5678");
    expect(await text.readAttributes()).toEqual(attributes);
  });

  test("the common application tells the card's own number and expiry", async () => {
    const common = await CommonApplication.select(reader().transport);
    expect(await common.readCardInformation()).toEqual({
      serialNumber: "400000012719843",
      municipalityCode: "13221",
      expiry: "20350217",
    });
  });

  test("a changed PIN is the PIN", async () => {
    const { transport } = reader();
    const jpki = await JpkiApplication.select(transport);
    await expect(jpki.changePin("signature", "XYZ789")).rejects.toMatchObject({ code: "SECURITY_STATUS" });
    await jpki.verifyPin("signature", "ABC123");
    await expect(jpki.changePin("signature", "ABCDEF")).rejects.toMatchObject({ code: "PIN_FORMAT" });
    await expect(jpki.changePin("signature", "123456")).rejects.toMatchObject({ code: "PIN_FORMAT" });
    await jpki.changePin("signature", "xyz789");
    const again = await JpkiApplication.select(transport);
    await expect(again.verifyPin("signature", "ABC123")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 4 });
    await again.verifyPin("signature", "XYZ789");
  });
});

describe("PINs", () => {
  test("a wrong password counts down, stops before the last try, and blocks only when told to", async () => {
    const jpki = await JpkiApplication.select(reader().transport);
    for (const remaining of [4, 3, 2, 1]) {
      await expect(jpki.verifyPin("signature", "WRONG1")).rejects.toMatchObject({ code: "PIN_WRONG", remaining });
    }
    await expect(jpki.verifyPin("signature", "ABC123")).rejects.toMatchObject({ code: "LAST_TRY", remaining: 1 });
    expect(await jpki.triesLeft("signature")).toBe(1);
    const last = jpki.verifyPin("signature", "WRONG1", { lastTryAllowed: true });
    await expect(last).rejects.toMatchObject({ code: "PIN_BLOCKED", remaining: 0 });
    expect(await jpki.triesLeft("signature")).toBe(0);
    const blocked = jpki.verifyPin("signature", "ABC123", { lastTryAllowed: true });
    await expect(blocked).rejects.toMatchObject({ code: "PIN_BLOCKED", remaining: 0 });
  });

  test("the last try, used rightly, restores all of them", async () => {
    const jpki = await JpkiApplication.select(reader().transport);
    await wrongPassword(jpki, 4);
    await jpki.verifyPin("signature", "ABC123", { lastTryAllowed: true });
    expect(await jpki.triesLeft("signature")).toBe(5);
  });

  test.each(["", "ABC12", "ABC12345678901234", "ABC 123", "ＡＢＣ１２３", "ß12345", "ABC123\n"])(
    "%j is no signature password, and nothing is sent",
    async (value) => {
      const { transport, sent } = reader();
      const jpki = await JpkiApplication.select(transport);
      await expect(jpki.verifyPin("signature", value)).rejects.toMatchObject({ code: "PIN_FORMAT" });
      expect(sent.length).toBe(1);
    },
  );

  test.each(["", "123", "12345", "12a4", "１２３４", "1234\n"])(
    "%j is no four-digit PIN, and nothing is sent",
    async (value) => {
      const { transport, sent } = reader();
      const jpki = await JpkiApplication.select(transport);
      await expect(jpki.verifyPin("authentication", value)).rejects.toMatchObject({ code: "PIN_FORMAT" });
      const text = await TextApplication.select(transport);
      await expect(text.verifyPin(value)).rejects.toMatchObject({ code: "PIN_FORMAT" });
      expect(sent.length).toBe(2);
    },
  );

  test("the bytes of a PIN are zero once they were sent", async () => {
    const { card } = reader();
    const commands: Uint8Array[] = [];
    const transport: CardTransport = {
      async transmit(command) {
        commands.push(command);
        return card.transmit(command);
      },
    };
    const jpki = await JpkiApplication.select(transport);
    await jpki.verifyPin("authentication", "1234");
    expect(commands.at(-1)).toEqual(new Uint8Array(9));
  });

  test("a card issued without signature certificate says so, not that its password is blocked", async () => {
    const jpki = await JpkiApplication.select(reader({ changes: { signature: null } }).transport);
    expect(await jpki.issuedCertificates()).toEqual({ signature: false, authentication: true });
    await expect(jpki.verifyPin("signature", "ABC123")).rejects.toMatchObject({ code: "CERTIFICATE_ABSENT" });
    await jpki.verifyPin("authentication", "1234");
  });

  test("nothing protected is given without its PIN", async () => {
    const { transport } = reader();
    const jpki = await JpkiApplication.select(transport);
    const needsPin = { code: "SECURITY_STATUS", statusWord: 0x6982 };
    await expect(jpki.readCertificate("signature")).rejects.toMatchObject(needsPin);
    await expect(jpki.sign("signature", message)).rejects.toMatchObject(needsPin);
    await expect(jpki.sign("authentication", message)).rejects.toMatchObject(needsPin);
    const text = await TextApplication.select(transport);
    await expect(text.readAttributes()).rejects.toMatchObject(needsPin);
    await expect(text.readMyNumber()).rejects.toMatchObject(needsPin);
  });
});

describe("a card taken away", () => {
  async function enrolment({ transport }: ReturnType<typeof reader>): Promise<void> {
    const jpki = await JpkiApplication.select(transport);
    await jpki.verifyPin("signature", "ABC123");
    await jpki.sign("signature", message);
    await jpki.readCertificate("signature");
    const text = await TextApplication.select(transport);
    await text.verifyPin("5678");
    await text.readAttributes();
  }

  test("at any command gives CARD_LOST, and no VERIFY is sent twice", async () => {
    const whole = reader();
    await enrolment(whole);
    expect(whole.sent.length).toBeGreaterThan(15);
    for (let removedAfter = 0; removedAfter < whole.sent.length; removedAfter++) {
      const torn = reader({ removedAfter });
      await expect(enrolment(torn)).rejects.toMatchObject({ code: "CARD_LOST" });
      expect(torn.sent).toEqual(whole.sent.slice(0, removedAfter + 1));
      expect(new Set(torn.verifications()).size).toBe(torn.verifications().length);
    }
  });
});

describe("whatever answers", () => {
  test.each(["6a82", "6d00", "6e00"])("%s to the selection means that it is no My Number Card", async (answer) => {
    const transport = { transmit: async () => fromHex(answer)! };
    for (const application of [JpkiApplication, TextApplication, CommonApplication]) {
      await expect(application.select(transport)).rejects.toMatchObject({ code: "NOT_A_MY_NUMBER_CARD" });
    }
  });

  test.each([
    ["a signature of the wrong size", ["9000", "aabb9000"], "MALFORMED_RESPONSE"],
    ["a status word of no meaning", ["9000", "6f00"], "UNEXPECTED_STATUS"],
    ["no status word", ["9000", "90"], "MALFORMED_RESPONSE"],
    ["a key that is not there", ["6a82"], "FILE_NOT_FOUND"],
  ])("%s is an error when signing", async (_, answers, code) => {
    const queue = ["9000", ...answers];
    const jpki = await JpkiApplication.select({ transmit: async () => fromHex(queue.shift()!)! });
    await expect(jpki.sign("authentication", message)).rejects.toMatchObject({ code });
  });

  test.each([
    ["a missing file", ["6a82"], "CERTIFICATE_ABSENT"],
    ["an empty file", ["9000", "6b00"], "CERTIFICATE_ABSENT"],
    ["a file of filler", ["9000", "ffffffff9000"], "CERTIFICATE_ABSENT"],
    ["no SEQUENCE", ["9000", "048200049000"], "MALFORMED_RESPONSE"],
    ["a file shorter than its certificate", ["9000", "3082010000009000"], "MALFORMED_RESPONSE"],
    ["more than was asked for", ["9000", `${"30".repeat(257)}9000`], "MALFORMED_RESPONSE"],
  ])("%s is an error when reading a certificate", async (_, answers, code) => {
    const queue = ["9000", ...answers];
    const jpki = await JpkiApplication.select({ transmit: async () => fromHex(queue.shift()!)! });
    await expect(jpki.readCertificate("authentication")).rejects.toMatchObject({ code });
  });

  test("the ways in which other cards say blocked and verified are understood", async () => {
    const answering = (...answers: string[]) =>
      JpkiApplication.select({ transmit: async () => fromHex(["9000", "9000", ...answers].at(turn++)!)! });
    let turn = 0;
    expect(await (await answering("6983")).triesLeft("signature")).toBe(0);
    turn = 0;
    expect(await (await answering("6984")).triesLeft("signature")).toBe(0);
    turn = 0;
    expect(await (await answering("9000")).triesLeft("authentication")).toBe(3);
  });

  test("any answers at all end in a result or a CardError, after a bounded number of commands", async () => {
    const answer = fc.oneof(
      fc.constantFrom("9000", "63c3", "6982", "6a82", `ff100c${"31".repeat(12)}9000`).map((hex) => fromHex(hex)!),
      fc.uint8Array({ maxLength: 300, size: "max" }),
      fc.uint8Array({ minLength: 256, maxLength: 256, size: "max" }).map((data) => Uint8Array.of(...data, 0x90, 0x00)),
    );
    const actions: ((transport: CardTransport) => Promise<unknown>)[] = [
      async (transport) => (await JpkiApplication.select(transport)).verifyPin("signature", "ABC123"),
      async (transport) => (await JpkiApplication.select(transport)).readCertificate("signature"),
      async (transport) => (await JpkiApplication.select(transport)).sign("authentication", message),
      async (transport) => (await TextApplication.select(transport)).readAttributes(),
      async (transport) => (await TextApplication.select(transport)).readMyNumber(),
      async (transport) => (await CommonApplication.select(transport)).readCardInformation(),
      async (transport) => (await CommonApplication.select(transport)).internalAuthenticate(message),
      async (transport) => (await JpkiApplication.select(transport)).readTokenInformation(),
      async (transport) =>
        (await TextApplication.select(transport)).readSignedText({ myNumber: true, attributes: true }),
      async (transport) => (await TextApplication.select(transport)).readDeliveryKey(),
      async (transport) => parseCardFace((await (await VisualApplication.select(transport)).readFace()).file),
      async (transport) => (await IssuerDomain.select(transport)).certificates(),
      async (transport) => changeResidentRegisterPin(transport, "1234", "4321"),
      async (transport) => {
        const key = { modulus: new Uint8Array(256).fill(0xff), exponent: Uint8Array.of(3) };
        const channel = await SecureMessaging.open(transport, key, (size) => new Uint8Array(size));
        await channel.transmit(fromHex("00b0000000")!);
      },
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...actions), fc.array(answer, { minLength: 1 }), async (action, answers) => {
        let sent = 0;
        // After the selection's 9000 the answers come round and round.
        const transmit = async () => (sent++ === 0 ? Uint8Array.of(0x90, 0x00) : answers[sent % answers.length]!);
        await action({ transmit }).catch((error) => expect(error).toBeInstanceOf(CardError));
        expect(sent).toBeLessThan(4 * 140);
      }),
      { numRuns: 300 },
    );
  });
});
