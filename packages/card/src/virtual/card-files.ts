import { createPrivateKey, type KeyObject } from "node:crypto";
import { applicationIdentifiers } from "../application-identifiers.ts";
import { toHex } from "../hex.ts";
import type { KeyPair, PinName } from "./card-contents.ts";
import type { CardFile, PinFile } from "./card-state.ts";

/** DF names as `CardState` holds them. */
export const applications = {
  jpki: toHex(applicationIdentifiers.jpki),
  text: toHex(applicationIdentifiers.text),
  common: toHex(applicationIdentifiers.common),
};

export const pinFiles: Record<PinName, { application: string; file: string }> = {
  signature: { application: applications.jpki, file: "001b" },
  authentication: { application: applications.jpki, file: "0018" },
  text: { application: applications.text, file: "0011" },
};

/** The files of the two certificates; the signature certificate has personal data in it and needs its password. */
export const keyPairFiles = {
  signature: { certificate: "0001", certificateOpenedBy: ["001b"], key: "001a", keyOpenedBy: ["001b"], issuedByte: 0 },
  authentication: { certificate: "000a", certificateOpenedBy: null, key: "0017", keyOpenedBy: ["0018"], issuedByte: 1 },
};

const pinFormats: Record<PinName, { pattern: RegExp; tries: number; shortest: number; longest: number }> = {
  signature: { pattern: /^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$/, tries: 5, shortest: 6, longest: 16 },
  authentication: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
  text: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
};

/** With null, a PIN that was never given out. Throws TypeError for a value of another format. */
export function pinFile(which: PinName, value: string | null): PinFile {
  const { pattern, tries, shortest, longest } = pinFormats[which];
  if (value !== null && !pattern.test(value)) throw new TypeError(`not a ${which} PIN`);
  return { kind: "pin", value, tries: value === null ? 0 : tries, maximumTries: tries, shortest, longest };
}

/** 照合番号A or B. */
export function verificationNumberFile(value: string): PinFile {
  return { kind: "pin", value, tries: 10, maximumTries: 10, shortest: value.length, longest: value.length };
}

export function transparentFile(content: Uint8Array, openedBy: string[] | null): CardFile {
  return { kind: "transparent", content: Buffer.from(content).toString("base64"), openedBy };
}

/** EF 0008: 8F for each certificate that is there, 00 for one that is not; what the third byte tells is not known. */
export function issuedFile(issued: { signature: boolean; authentication: boolean }): CardFile {
  return transparentFile(
    Uint8Array.of(issued.signature ? 0x8f : 0x00, issued.authentication ? 0x8f : 0x00, 0x00),
    null,
  );
}

/** Throws TypeError for a key that is not RSA-2048: the card's answers have 256 bytes. */
export function keyFile(pair: KeyPair | null, openedBy: string[]): CardFile {
  return { kind: "key", privateKey: pair && pkcs8(pair.privateKey).toString("base64"), openedBy };
}

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
