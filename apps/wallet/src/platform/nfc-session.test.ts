import { generateKeyPairSync } from "node:crypto";
import { type CardConnection, CardError } from "@xid/card";
import { transportContract } from "@xid/card/testing";
import { createCard, VirtualCard } from "@xid/card/virtual";
import { expect, test } from "vitest";
import { createNfcSession, type IsoDepCard } from "./nfc-session.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const certificate = Uint8Array.of(0x30, 0x82, 0x03, 0xe8, ...new Uint8Array(1000).fill(7));

/** The phone's NFC with a card held to it; `log` has what the system's sheet was told. */
function phone() {
  const keyPair = { certificate, privateKey };
  const state = createCard({
    signature: keyPair,
    authentication: keyPair,
    certificateAuthorities: { signature: certificate, authentication: certificate },
    pins: { signature: "ABC123", authentication: "1234", text: "5678" },
    myNumber: "123456789018",
    attributes: { name: "山田　花子", address: "東京都清瀬市", birthdate: "19900102", gender: "2" },
    card: { serialNumber: "400000012719843", municipalityCode: "13221", expiry: "20350217", securityCode: "2285" },
  });
  const card = new VirtualCard(state, { persist: () => undefined });
  const log: string[] = [];
  const isoDep: IsoDepCard = {
    transceive: async (command) => Array.from(card.transmit(Uint8Array.from(command))),
    say: async (text) => log.push(text),
    end: async ({ text }) => log.push(`end: ${text}`),
    toError: (cause) => new CardError("CARD_LOST", "the card left the phone", { cause }),
  };
  return { card, log, isoDep };
}

test.each(Object.entries(transportContract))("over the phone's NFC: %s", async (_, check) => {
  const { card, isoDep } = phone();
  const connect = async (): Promise<CardConnection> => {
    card.powerOn();
    const session = createNfcSession(isoDep, () => card.powerOff());
    return { ...session, atr: card.atr, close: () => session.close({ text: "", success: true }) };
  };
  await check({ authenticationPin: "1234", connect, removeCard: () => card.powerOff() });
});

test("a session ends once, and no failing sheet stands in its way", async () => {
  const { log, isoDep } = phone();
  let ended = 0;
  const session = createNfcSession(
    { ...isoDep, say: async () => Promise.reject(new Error("no sheet")) },
    () => ended++,
  );
  await session.say("読み取り中");
  await session.close({ text: "完了", success: true });
  await session.close({ text: "再び", success: false });
  expect(log).toEqual(["end: 完了"]);
  expect(ended).toBe(1);
});
