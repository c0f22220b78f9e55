import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { CardModel } from "./card-state.ts";

/** A new key as that card model has them. */
export function makeCardKey(model: CardModel): KeyObject {
  return model === "next-draft"
    ? generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey
    : generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

/** Throws TypeError for a key of another kind than that card model's: RSA-2048, and P-384 on the draft. */
export function readCardKey(privateKey: KeyObject | Uint8Array, model: CardModel): KeyObject {
  const key =
    privateKey instanceof Uint8Array
      ? createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" })
      : privateKey;
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const fits =
    model === "next-draft" ? namedCurve === "secp384r1" : key.asymmetricKeyType === "rsa" && modulusLength === 2048;
  if (!fits) throw new TypeError("the card takes RSA-2048 keys only, and its draft P-384");
  return key;
}
