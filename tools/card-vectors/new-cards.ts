import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CardContents,
  CardIssuer,
  type CardState,
  createCard,
  resetPin,
  triesLeft,
  VirtualCard,
} from "@xid/card/virtual";
import { aids, select, verifyFile } from "./dialogues.ts";

const pins = { signature: "ABC123", authentication: "1234", text: "5678", residentRegister: "9012" };

/** Writes a card with everything on it made, phones with the same certificates, and what a verifier must hold. */
export function writeCards(folder: string, state: CardState): void {
  const issuer = CardIssuer.make();
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(value, null, 2)}\n`);
  const card = finished(withKnownPins(state), issuer);
  write("card", card);
  for (const model of ["android", "iphone"] as const) write(model, createCard({ ...contentsOf(card), model }));
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  write(
    "authorities",
    issuer.authorities.map(({ keyId, publicKey: { modulus, exponent } }) => ({
      keyId,
      modulus: hex(modulus),
      exponent: hex(exponent),
    })),
  );
}

function withKnownPins(state: CardState): CardState {
  let next = state;
  for (const [name, value] of Object.entries(pins) as [keyof typeof pins, string][]) {
    next = resetPin(next, name, value);
    if (triesLeft(next, name) === 0) throw new TypeError("the card needs both certificates");
  }
  return next;
}

/** Reads and uses all that is made at its first use. */
function finished(state: CardState, issuer: CardIssuer): CardState {
  let next = state;
  const persist = (changed: CardState) => {
    next = changed;
  };
  const card = new VirtualCard(state, { persist, issuer: () => issuer });
  card.powerOn();
  const send = (command: string) => {
    const response = Buffer.from(card.transmit(Buffer.from(command.replaceAll(" ", ""), "hex"))).toString("hex");
    if (!response.endsWith("9000")) throw new Error(`${command} was answered ${response}`);
  };
  const { numberA, birthNumber } = numbersOf(state);
  for (const command of [
    ...["00ca00f8000000", "00ca7f21000000", select(aids.text), verifyFile(0x11, pins.text)],
    ...["00b08300000000", "00b08400000000", "00b08600000000", "00b08700000000"],
    ...[select(aids.visual), verifyFile(0x11, birthNumber), verifyFile(0x13, numberA)],
    ...["00b08100000000", "00b08200000000", "00b08400000000", "00b08500000000"],
    ...[select(aids.common), "008800990101 00"],
  ]) {
    send(command);
  }
  return next;
}

function numbersOf(state: CardState): { numberA: string; birthNumber: string } {
  const files = state.applications.find(({ identifier }) => identifier === aids.visual)?.files;
  const value = (name: string) => {
    const file = files?.[name];
    if (file?.kind !== "pin" || file.value === null) throw new TypeError("not a My Number Card");
    return file.value;
  };
  return { numberA: value("0013"), birthNumber: value("0011") };
}

/** What a phone's token is made of. */
function contentsOf(state: CardState): CardContents {
  const jpki = state.applications.find(({ identifier }) => identifier === aids.jpki)!.files;
  const bytes = (name: string) => {
    const file = jpki[name];
    if (file?.kind === "transparent") return Buffer.from(file.content, "base64");
    if (file?.kind === "key" && file.privateKey !== null) return Buffer.from(file.privateKey, "base64");
    throw new TypeError(`the card has no ${name}`);
  };
  const { name, address, birthdate, gender, myNumber, municipalityCode, expiry, securityCode } = state.printed;
  return {
    signature: { certificate: bytes("0001"), privateKey: bytes("001a") },
    authentication: { certificate: bytes("000a"), privateKey: bytes("0017") },
    certificateAuthorities: { signature: bytes("0002"), authentication: bytes("000b") },
    pins,
    myNumber,
    attributes: { name, address, birthdate, gender },
    card: { serialNumber: "900000000000001", municipalityCode, expiry, securityCode },
  };
}
