import { execFileSync } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CardContents,
  CardIssuer,
  type CardState,
  cardApplications,
  createCard,
  resetPin,
  triesLeft,
  VirtualCard,
} from "@xid/card/virtual";
import { select, verifyFile } from "./dialogues.ts";

const pins = { signature: "ABC123", authentication: "1234", text: "5678", residentRegister: "9012" };

/** Writes a card with everything on it made, phones with the same certificates, and what a verifier must hold. */
export function writeCards(folder: string, state: CardState): void {
  const issuer = new CardIssuer();
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(value, null, 2)}\n`);
  const card = finished(withKnownPins(state), issuer);
  write("card", card);
  for (const model of ["android", "iphone"] as const) write(model, createCard({ ...contentsOf(card), model }));
  write("next-draft", finishedDraft(createCard({ ...contentsOf(card), ...draftKeys(), model: "next-draft" }), issuer));
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const { authorities, draftAuthority } = issuer;
  write("authorities", [
    ...authorities.map(({ keyId, publicKey: { modulus, exponent } }) => {
      return { keyId, modulus: hex(modulus), exponent: hex(exponent) };
    }),
    { keyId: draftAuthority.keyId, point: hex(draftAuthority.publicKey.point) },
  ]);
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
  const { numberA, birthNumber } = numbersOf(state);
  return afterCommands(state, issuer, [
    ...["00ca00f8000000", "00ca7f21000000", select(cardApplications.text), verifyFile(0x11, pins.text)],
    ...["00b08300000000", "00b08400000000", "00b08600000000", "00b08700000000"],
    ...[select(cardApplications.visual), verifyFile(0x11, birthNumber), verifyFile(0x13, numberA)],
    ...["00b08100000000", "00b08200000000", "00b08400000000", "00b08500000000"],
    ...[select(cardApplications.common), "008800990101 00"],
  ]);
}

function finishedDraft(state: CardState, issuer: CardIssuer): CardState {
  return afterCommands(state, issuer, [
    ...[select(cardApplications.draftAuthentication), verifyFile(0x18, pins.authentication)],
    ...["00b08e00000000", "00b08f00000000", select(cardApplications.draftFace)],
    ...[verifyFile(0x13, state.printed.myNumber), "00b08200000000", "00b08400000000", "00b08500000000"],
  ]);
}

function afterCommands(state: CardState, issuer: CardIssuer, commands: string[]): CardState {
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
  for (const command of commands) send(command);
  return next;
}

/** Keys of P-384 with self-signed certificates that stand for those of an authority that does not exist yet. */
function draftKeys(): Pick<CardContents, "signature" | "authentication" | "certificateAuthorities"> {
  const pair = (name: string) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const file = join(tmpdir(), `xid-draft-${process.pid}.pem`);
    writeFileSync(file, privateKey.export({ format: "pem", type: "pkcs8" }));
    const subject = `/C=JP/O=SIM-JPKI/OU=SIM-DRAFT-NEXT-CARD/CN=${name}`;
    const pem = execFileSync("openssl", [
      ...["req", "-x509", "-key", file, "-sha384", "-days", "36500", "-subj", subject],
    ]);
    rmSync(file);
    return { certificate: new X509Certificate(pem).raw, privateKey };
  };
  const authority = (name: string) => pair(name).certificate;
  return {
    signature: pair("signature"),
    authentication: pair("authentication"),
    certificateAuthorities: {
      signature: authority("signature authority"),
      authentication: authority("authentication authority"),
    },
  };
}

function numbersOf(state: CardState): { numberA: string; birthNumber: string } {
  const files = state.applications.find(({ identifier }) => identifier === cardApplications.visual)?.files;
  const value = (name: string) => {
    const file = files?.[name];
    if (file?.kind !== "pin" || file.value === null) throw new TypeError("not a My Number Card");
    return file.value;
  };
  return { numberA: value("0013"), birthNumber: value("0011") };
}

/** What a phone's token is made of. */
function contentsOf(state: CardState): CardContents {
  const jpki = state.applications.find(({ identifier }) => identifier === cardApplications.jpki)!.files;
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
