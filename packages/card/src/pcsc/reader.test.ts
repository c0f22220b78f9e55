import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CardError } from "../card-error.ts";
import { verifyCardVerifiableCertificates } from "../card-verifiable-certificate.ts";
import { IssuerDomain } from "../issuer-domain.ts";
import { verifyPresence } from "../presence.ts";
import { type PrivatePcscd, privatePcscdObstacle, startPrivatePcscd } from "../testing/private-pcscd.ts";
import { replaceableCard } from "../testing/replaceable-card.ts";
import { transportContract } from "../testing/transport-contract.ts";
import { TextApplication } from "../text.ts";
import { verifyText } from "../text-files.ts";
import type { CardConnection } from "../transport.ts";
import { verificationNumberB } from "../verification-number.ts";
import { temporaryIssuer } from "../virtual/card-issuer.ts";
import { createCard } from "../virtual/create-card.ts";
import { testContents } from "../virtual/test-card.ts";
import { VirtualCard } from "../virtual/virtual-card.ts";
import { VisualApplication } from "../visual.ts";
import { verifyCardFace } from "../visual-files.ts";
import { attachToVpcd } from "../vpcd/attach.ts";
import { PcscReader } from "./reader.ts";

const obstacle = privatePcscdObstacle();
const readerName = "xID 00 00";

describe.skipIf(obstacle !== undefined)(`a card in a PC/SC reader${obstacle ? ` (skipped: ${obstacle})` : ""}`, () => {
  let pcscd: PrivatePcscd;
  let card: VirtualCard;
  let inserted: { takeOut: AbortController; taken: Promise<void> } | undefined;
  const connections: CardConnection[] = [];

  beforeAll(async () => {
    pcscd = await startPrivatePcscd();
    process.env.PCSCLITE_CSOCK_NAME = pcscd.environment.PCSCLITE_CSOCK_NAME;
  });
  afterAll(async () => {
    await removeCard();
    await pcscd?.stop();
    delete process.env.PCSCLITE_CSOCK_NAME;
  });

  beforeEach(() => {
    card = new VirtualCard(createCard(testContents()), { persist: () => undefined });
    card.powerOn();
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close();
  });

  /** One stays in, and is another card for each test. */
  function putIn(): void {
    if (inserted) return;
    const takeOut = new AbortController();
    inserted = {
      takeOut,
      taken: attachToVpcd(
        replaceableCard(() => card),
        { port: pcscd.port, signal: takeOut.signal },
      ),
    };
  }

  async function removeCard(): Promise<void> {
    inserted?.takeOut.abort();
    await inserted?.taken;
    inserted = undefined;
    for (let present = true; present; ) present = (await reader()).cardPresent;
  }

  /** A pcscd that has just begun answers a little before it has its readers. */
  async function reader(): Promise<PcscReader> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      const found = (await PcscReader.list()).find(({ name }) => name === readerName);
      if (found) return found;
    }
    throw new Error("the virtual reader is gone");
  }

  async function connect(): Promise<CardConnection> {
    const connection = await (await reader()).connect({ waitUntil: AbortSignal.timeout(20_000) });
    connections.push(connection);
    return connection;
  }

  test.each(Object.entries(transportContract))("%s", async (_, check) => {
    putIn();
    await check({ authenticationPin: "1234", connect, removeCard });
  });

  test("the whole card is read and proven through pcscd, secure messaging in extended length included", async () => {
    putIn();
    const { authorities } = temporaryIssuer();
    const { attributes, card: printed, myNumber } = testContents();
    const connection = await connect();
    const text = await TextApplication.select(connection);
    await text.verifyPin("5678");
    const plain = await text.readSignedText({ myNumber: true, attributes: true });
    expect(verifyText(plain, authorities)).toMatchObject({ myNumber, attributes });
    await text.startSecureMessaging(randomBytes);
    expect(await text.readSignedText({ myNumber: true, attributes: true })).toEqual(plain);
    const visual = await VisualApplication.select(connection);
    await visual.verifyNumber("B", verificationNumberB({ birthdate: attributes.birthdate, ...printed }));
    const { presenceKey } = verifyCardFace(await visual.readFace(), authorities);
    const challenge = randomBytes(32);
    verifyPresence(presenceKey, challenge, await visual.provePresence(challenge));
    const chain = await (await IssuerDomain.select(connection)).certificates();
    verifyCardVerifiableCertificates(chain, authorities);
  });

  test("an empty reader is listed as such, and is CARD_ABSENT", async () => {
    await removeCard();
    const empty = await reader();
    expect(empty.cardPresent).toBe(false);
    await expect(empty.connect()).rejects.toMatchObject({ code: "CARD_ABSENT" });
  });

  test("a card is waited for until it comes, or until the signal", async () => {
    await removeCard();
    const empty = await reader();
    const gaveUp = empty.connect({ waitUntil: AbortSignal.timeout(50) });
    await expect(gaveUp).rejects.toMatchObject({ code: "CARD_ABSENT" });
    const waiting = empty.connect({ waitUntil: AbortSignal.timeout(20_000) });
    putIn();
    await (await waiting).close();
    expect((await reader()).cardPresent).toBe(true);
  });

  test("one program has the card to itself", async () => {
    putIn();
    const connection = await connect();
    await expect((await reader()).connect()).rejects.toThrow(
      new CardError("READER_UNAVAILABLE", "another program is using the card"),
    );
    await connection.close();
    await (await connect()).close();
  });

  test("without a service READER_UNAVAILABLE says what to start", async () => {
    await removeCard();
    await pcscd.stop();
    await expect(PcscReader.list()).rejects.toThrow(/pcscd/);
    await expect(PcscReader.list()).rejects.toMatchObject({ code: "READER_UNAVAILABLE" });
    pcscd = await startPrivatePcscd();
    expect((await reader()).name).toBe(readerName);
  });
});

test("without the optional package READER_UNAVAILABLE says which to install", async () => {
  const reader = new URL("./reader.ts", import.meta.url).href;
  const program = `
    const { registerHooks } = require("node:module");
    const resolve = (name, context, next) => {
      if (name === "koffi") throw new Error("not installed");
      return next(name, context);
    };
    registerHooks({ resolve });
    import(${JSON.stringify(reader)})
      .then(({ PcscReader }) => PcscReader.list())
      .catch(({ code, message }) => console.log(code, message));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program]);
  expect(stdout).toMatch(/^READER_UNAVAILABLE .*koffi/);
});
