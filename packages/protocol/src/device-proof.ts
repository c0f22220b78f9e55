import { z } from "zod";
import { toBase64url } from "./bytes.ts";
import { sha256 } from "./canonical.ts";
import { type SigningKey, signJws } from "./jws.ts";

/** HTTP header that carries the proof. */
export const deviceProofHeader = "XID-Device-Proof";

/** `typ` of the proof's JOSE header. */
export const deviceProofType = "xid-device-proof+jwt";

/** How old a proof may be when the platform sees it, in seconds; its `jti` is remembered for that long. */
export const deviceProofMaxAge = 60;

/**
 * Proof, on every call of the wallet API, that the caller holds the device's authentication key: a JWS in the manner
 * of DPoP (RFC 9449) that also covers the body. `kid` names the device once it has a name; before, `jwk` carries the key.
 */
export const DeviceProofClaims = z.strictObject({
  jti: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
  htm: z.enum(["GET", "POST", "PUT", "DELETE"]),
  /** The URL without query and fragment. */
  htu: z.string().max(2048),
  /** Seconds since 1970. */
  iat: z.number().int(),
  /** base64url SHA-256 of the body as sent, empty bodies included. */
  bodyDigest: z.string().length(43),
});
export type DeviceProofClaims = z.infer<typeof DeviceProofClaims>;

export type DeviceProofInput = {
  key: SigningKey;
  /** `<account>.<device>` as given at enrolment; without it the proof carries the public key. */
  deviceId?: string | undefined;
  method: DeviceProofClaims["htm"];
  url: string;
  body: Uint8Array;
  /** Milliseconds since 1970. */
  now: number;
  /** 16 random bytes. */
  random: Uint8Array;
};

export function createDeviceProof(input: DeviceProofInput): Promise<string> {
  const claims: DeviceProofClaims = {
    jti: toBase64url(input.random),
    htm: input.method,
    htu: input.url.replace(/[?#].*$/, ""),
    iat: Math.floor(input.now / 1000),
    bodyDigest: toBase64url(sha256(input.body)),
  };
  const keyReference = input.deviceId ? { kid: input.deviceId } : { jwk: input.key.publicJwk };
  return signJws({ typ: deviceProofType, ...keyReference }, claims, input.key);
}
