import type { KeyObject } from "node:crypto";
import { applicationIdentifiers } from "../application-identifiers.ts";
import { toHex } from "../hex.ts";
import type { PinName } from "./card-contents.ts";
import type { CardFile, KeyFile, PinFile } from "./card-state.ts";

/** DF names as `CardState` holds them. The draft's are of nobody: names in F0 are not registered. */
export const applications = {
  /** GlobalPlatform's default issuer security domain: the MF level. */
  issuerDomain: toHex(applicationIdentifiers.issuerDomain),
  jpki: toHex(applicationIdentifiers.jpki),
  text: toHex(applicationIdentifiers.text),
  visual: toHex(applicationIdentifiers.visual),
  common: toHex(applicationIdentifiers.common),
  residentRegister: toHex(applicationIdentifiers.juki),
  draftAuthentication: toHex(applicationIdentifiers.draftAuthentication),
  draftFace: toHex(applicationIdentifiers.draftFace),
};

const pinFormats: Record<PinName, { pattern: RegExp; tries: number; shortest: number; longest: number }> = {
  signature: { pattern: /^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$/, tries: 5, shortest: 6, longest: 16 },
  authentication: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
  text: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
  residentRegister: { pattern: /^[0-9]{4}$/, tries: 3, shortest: 4, longest: 4 },
};

/** With null, a PIN that was never given out. Throws TypeError for a value of another format. */
export function pinFile(which: PinName, value: string | null): PinFile {
  const { pattern, tries, shortest, longest } = pinFormats[which];
  if (value !== null && !pattern.test(value)) throw new TypeError(`not a ${which} PIN`);
  return { kind: "pin", value, tries: value === null ? 0 : tries, maximumTries: tries, shortest, longest };
}

/** 照合番号A or B, or the birth date that opens the age record: what is printed on the card, ten tries. */
export function verificationNumberFile(value: string): PinFile {
  return { kind: "pin", value, tries: 10, maximumTries: 10, shortest: value.length, longest: value.length };
}

/** A key reference whose value nobody outside knows; on every card seen it has no tries left. */
export const lockedReference: PinFile = {
  kind: "pin",
  value: null,
  tries: 0,
  maximumTries: 0,
  shortest: 0,
  longest: 0,
};

export function transparentFile(content: Uint8Array, openedBy: string[] | null): CardFile {
  return { kind: "transparent", content: Buffer.from(content).toString("base64"), openedBy };
}

/** EFs whose purpose nobody has found out hold sixteen bytes of filler. */
export function unknownFile(openedBy: string[] | null): CardFile {
  return transparentFile(new Uint8Array(16).fill(0xff), openedBy);
}

export function recordFile(...records: Uint8Array[]): CardFile {
  return { kind: "records", records: records.map((record) => Buffer.from(record).toString("base64")) };
}

export function firstUseFile(of: "transparent" | "key", openedBy: string[] | null): CardFile {
  return { kind: "first-use", of, openedBy };
}

export function keyFile(use: KeyFile["use"], privateKey: KeyObject | null, openedBy: string[] | null): KeyFile {
  const content = privateKey?.export({ format: "der", type: "pkcs8" }).toString("base64") ?? null;
  return { kind: "key", use, privateKey: content, openedBy };
}
