import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from "node:crypto";
import type { EcJwk, SigningKey } from "@xid/protocol";
import type { DeviceKeys } from "@xid/protocol/wallet-client";

/** The private keys of a headless device, as JWK: software keys, kept in a file, as `keyLevel: "software"` says. */
export type DeviceKeyFile = { authentication: JsonWebKey; signing: JsonWebKey; agreement: JsonWebKey };

export function generateDeviceKeys(): DeviceKeyFile {
  const generate = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  return { authentication: generate(), signing: generate(), agreement: generate() };
}

/** Throws what node:crypto throws on keys that are none. */
export function openDeviceKeys(file: DeviceKeyFile): DeviceKeys {
  return {
    authentication: signingKey(file.authentication),
    signing: signingKey(file.signing),
    agreement: { publicJwk: publicJwk(createPrivateKey({ key: file.agreement, format: "jwk" })) },
  };
}

function signingKey(jwk: JsonWebKey): SigningKey {
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  return {
    publicJwk: publicJwk(key),
    sign: async (data) => sign("sha256", data, { key, dsaEncoding: "ieee-p1363" }),
  };
}

function publicJwk(key: KeyObject): EcJwk {
  const { x, y } = createPublicKey(key).export({ format: "jwk" });
  return { kty: "EC", crv: "P-256", x: x as string, y: y as string };
}
