import { createPrivateKey, type KeyObject } from "node:crypto";
import { applicationIdentifiers } from "../application-identifiers.ts";
import { toHex } from "../hex.ts";
import type { CardContents, KeyPair, PinName } from "./card-contents.ts";
import { type CardApplication, type CardFile, type CardState, type PinFile, withFile } from "./card-state.ts";
import { encodeAttributes, encodeCardInformation, encodeMyNumber } from "./text-files.ts";
import { tokenInformation } from "./token-information.ts";
import { verificationNumberB } from "./verification-number.ts";

const jpki = toHex(applicationIdentifiers.jpki);
const text = toHex(applicationIdentifiers.text);
const common = toHex(applicationIdentifiers.common);

const pinFiles: Record<PinName, { application: string; file: string }> = {
  signature: { application: jpki, file: "001b" },
  authentication: { application: jpki, file: "0018" },
  text: { application: text, file: "0011" },
};

/** Issues a card. Throws TypeError for contents that no card is issued with (PIN formats, key sizes, digits). */
export function createCard(contents: CardContents): CardState {
  return {
    version: 1,
    applications: [
      { identifier: jpki, files: jpkiFiles(contents) },
      { identifier: text, files: textFiles(contents) },
      commonApplication(contents),
    ],
  };
}

/** The certificates and keys that a city office writes at a renewal or a reissue; what is not named stays. PINs stay. */
export function replaceCertificates(
  state: CardState,
  replacement: { signature?: KeyPair | null; authentication?: KeyPair | null },
): CardState {
  let next = state;
  for (const [name, files] of [
    ["signature", { certificate: "0001", key: "001a", pin: "001b" }],
    ["authentication", { certificate: "000a", key: "0017", pin: "0018" }],
  ] as const) {
    const pair = replacement[name];
    if (pair === undefined) continue;
    next = withFile(next, jpki, files.certificate, certificateFile(pair, name === "signature" ? [files.pin] : null));
    next = withFile(next, jpki, files.key, keyFile(pair, files.pin));
    const issued = Buffer.from(transparentContent(next, "0008"), "base64");
    issued[name === "signature" ? 0 : 1] = pair ? 0x8f : 0x00;
    next = withFile(next, jpki, "0008", transparent(issued, null));
  }
  return next;
}

/** What only the city office's terminal can do: a new value and all tries. Throws TypeError for a value of another format. */
export function resetPin(state: CardState, which: PinName, value: string): CardState {
  const { application, file } = pinFiles[which];
  return withFile(state, application, file, pinFile(which, value));
}

/** Tries left, without a card session. */
export function triesLeft(state: CardState, which: PinName): number {
  const { application, file } = pinFiles[which];
  const found = state.applications.find(({ identifier }) => identifier === application)?.files[file];
  if (found?.kind !== "pin") throw new TypeError("the card has no such PIN");
  return found.tries;
}

function jpkiFiles(contents: CardContents): CardApplication["files"] {
  const { signature, authentication, certificateAuthorities, pins } = contents;
  return {
    "0001": certificateFile(signature, ["001b"]),
    "0002": transparent(certificateAuthorities.signature, null),
    "0006": transparent(tokenInformation, null),
    "0008": transparent(Uint8Array.of(signature ? 0x8f : 0, authentication ? 0x8f : 0, 0), null),
    "000a": certificateFile(authentication, null),
    "000b": transparent(certificateAuthorities.authentication, null),
    "0017": keyFile(authentication, "0018"),
    "0018": pinFile("authentication", authentication ? pins.authentication : null),
    "001a": keyFile(signature, "001b"),
    "001b": pinFile("signature", signature ? pins.signature : null),
  };
}

function textFiles({ myNumber, attributes, pins, card }: CardContents): CardApplication["files"] {
  return {
    "0001": transparent(encodeMyNumber(myNumber), ["0011", "0014"]),
    "0002": transparent(encodeAttributes(attributes), ["0011", "0015"]),
    "0011": pinFile("text", pins.text),
    // 照合番号A is the number itself.
    "0014": verificationNumberFile(myNumber),
    "0015": verificationNumberFile(verificationNumberB(attributes.birthdate, card.expiry, card.securityCode)),
  };
}

function commonApplication({ card }: CardContents): CardApplication {
  const record = Buffer.from(encodeCardInformation(card)).toString("base64");
  return { identifier: common, files: { "0001": { kind: "records", records: [record] } } };
}

const pinFormats: Record<PinName, { pattern: RegExp; tries: number; shortest: number; longest: number }> = {
  signature: { pattern: /^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$/, tries: 5, shortest: 6, longest: 16 },
  authentication: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
  text: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
};

function pinFile(which: PinName, value: string | null): PinFile {
  const { pattern, tries, shortest, longest } = pinFormats[which];
  if (value !== null && !pattern.test(value)) throw new TypeError(`not a ${which} PIN`);
  return { kind: "pin", value, tries: value === null ? 0 : tries, maximumTries: tries, shortest, longest };
}

function verificationNumberFile(value: string): PinFile {
  return { kind: "pin", value, tries: 10, maximumTries: 10, shortest: value.length, longest: value.length };
}

function certificateFile(pair: KeyPair | null, openedBy: string[] | null): CardFile {
  return transparent(pair?.certificate ?? new Uint8Array(), openedBy);
}

function keyFile(pair: KeyPair | null, pin: string): CardFile {
  return { kind: "key", privateKey: pair && pkcs8(pair.privateKey).toString("base64"), openedBy: [pin] };
}

/** The card's keys are RSA-2048, and its answers 256 bytes. */
function pkcs8(privateKey: KeyObject | Uint8Array): Buffer {
  const key =
    privateKey instanceof Uint8Array
      ? createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" })
      : privateKey;
  if (key.asymmetricKeyType !== "rsa" || key.asymmetricKeyDetails?.modulusLength !== 2048) {
    throw new TypeError("the card takes RSA-2048 keys only");
  }
  return key.export({ format: "der", type: "pkcs8" });
}

function transparent(content: Uint8Array, openedBy: string[] | null): CardFile {
  return { kind: "transparent", content: Buffer.from(content).toString("base64"), openedBy };
}

function transparentContent(state: CardState, file: string): string {
  const found = state.applications.find(({ identifier }) => identifier === jpki)?.files[file];
  if (found?.kind !== "transparent") throw new TypeError("not the state of a JPKI card");
  return found.content;
}
