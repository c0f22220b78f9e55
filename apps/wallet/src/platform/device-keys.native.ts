import { p256 } from "@noble/curves/nist.js";
import {
  createKeys,
  deleteKeys,
  getAllKeys,
  InputEncoding,
  signWithOptions,
} from "@sbaiahmed1/react-native-biometrics";
import { type EcJwk, fromBase64url, type SigningKey, toBase64url } from "@xid/protocol";
import type { DeviceKeys } from "@xid/protocol/wallet-client";
import { getRandomBytes } from "expo-crypto";
import { WalletError } from "../wallet-error.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { fromDerSignature } from "./ecdsa-signature.ts";
import type { DeviceKeyStore, SecretStore } from "./ports.ts";

/** Private scalars in base64url. */
type SoftwareKeys = { authentication: string; agreement: string };

/**
 * The signing key is made in the Secure Enclave or Keystore and asks for the person at every use. The authentication
 * key signs every call, where that would be one prompt per call, so it and the agreement key are kept in the Keychain or
 * under the Keystore by `expo-secure-store` and used in memory. The weakest decides what may be claimed: `software`.
 */
export class PhoneKeyStore implements DeviceKeyStore {
  readonly keyLevel = "software";
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async create(name: string): Promise<DeviceKeys> {
    const { publicKey } = await createKeys(alias(name), "ec256", undefined, true).catch((cause: unknown) => {
      throw new WalletError("UNAVAILABLE", "the phone cannot make a key", cause);
    });
    const keys: SoftwareKeys = { authentication: newScalar(), agreement: newScalar() };
    await this.#secrets.set(entry(name), JSON.stringify(keys));
    return toDeviceKeys(keys, name, publicKey);
  }

  async load(name: string): Promise<DeviceKeys> {
    const stored = await this.#secrets.get(entry(name));
    const signing = (await getAllKeys(alias(name))).keys.find((key) => key.alias.includes(alias(name)));
    // The system throws the signing key away when the phone's lock is taken off.
    if (!stored || !signing) throw new WalletError("UNAVAILABLE", "the phone no longer has these keys");
    return toDeviceKeys(JSON.parse(stored) as SoftwareKeys, name, signing.publicKey);
  }

  async delete(name: string): Promise<void> {
    await this.#secrets.delete(entry(name));
    await deleteKeys(alias(name)).catch(() => undefined);
  }
}

function alias(name: string): string {
  return `xid.signing.${name}`;
}

function entry(name: string): string {
  return `device.${name}`;
}

function newScalar(): string {
  return toBase64url(p256.keygen(getRandomBytes(48)).secretKey);
}

function toDeviceKeys(keys: SoftwareKeys, name: string, signingKey: string): DeviceKeys {
  return {
    authentication: softwareKey(fromBase64url(keys.authentication)),
    signing: phoneKey(name, signingKey),
    agreement: { publicJwk: toJwk(p256.getPublicKey(fromBase64url(keys.agreement), false)) },
  };
}

function softwareKey(secretKey: Uint8Array): SigningKey {
  return {
    publicJwk: toJwk(p256.getPublicKey(secretKey, false)),
    sign: async (data) => p256.sign(data, secretKey),
  };
}

/** @param publicKey SubjectPublicKeyInfo in base64 */
function phoneKey(name: string, publicKey: string): SigningKey {
  return {
    publicJwk: toJwk(fromBase64(publicKey).slice(-65)),
    async sign(data) {
      const result = await signWithOptions({
        keyAlias: alias(name),
        data: toBase64(data),
        inputEncoding: InputEncoding.Base64,
        promptTitle: "xID",
      });
      if (!result.success || !result.signature) {
        throw new WalletError("CANCELLED", `the phone did not sign: ${result.errorCode ?? "no reason given"}`);
      }
      return fromDerSignature(fromBase64(result.signature));
    },
  };
}

/** @param point 65 bytes, uncompressed (SEC 1 §2.3.3) */
function toJwk(point: Uint8Array): EcJwk {
  if (point.length !== 65 || point[0] !== 0x04) throw new WalletError("MALFORMED", "not an uncompressed P-256 point");
  return { kty: "EC", crv: "P-256", x: toBase64url(point.subarray(1, 33)), y: toBase64url(point.subarray(33)) };
}
