import { fromBase64url, toBase64url } from "./bytes.ts";
import { ProtocolError } from "./error.ts";

/** Public P-256 key as a JWK (RFC 7518 §6.2). */
export type EcJwk = { kty: "EC"; crv: "P-256"; x: string; y: string };

/** A private key that stays in the device: it signs, it is never seen. */
export interface SigningKey {
  readonly publicJwk: EcJwk;
  /** ECDSA P-256 over SHA-256 of `data`; 64 bytes, r ‖ s (RFC 7518 §3.4). */
  sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** JWS compact serialization, ES256 (RFC 7515). */
export async function signJws(header: object, payload: object, key: SigningKey): Promise<string> {
  const encode = (value: object) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));
  const signingInput = `${encode({ alg: "ES256", ...header })}.${encode(payload)}`;
  const signature = await key.sign(new TextEncoder().encode(signingInput));
  return `${signingInput}.${toBase64url(signature)}`;
}

export type DecodedJws = {
  header: Record<string, unknown>;
  payload: unknown;
  signingInput: Uint8Array<ArrayBuffer>;
  signature: Uint8Array<ArrayBuffer>;
};

/** Takes a compact ES256 JWS apart. Nothing has been verified when this returns. */
export function decodeJws(token: string): DecodedJws {
  const parts = token.length <= 65_536 ? token.split(".") : [];
  if (parts.length !== 3) throw new ProtocolError("MALFORMED", "not a compact JWS");
  const [header, payload, signature] = parts as [string, string, string];
  const parsedHeader = parseJson(header);
  if (!isObject(parsedHeader) || parsedHeader.alg !== "ES256" || parsedHeader.crit !== undefined) {
    throw new ProtocolError("MALFORMED", "only ES256 without crit is taken");
  }
  return {
    header: parsedHeader,
    payload: parseJson(payload),
    signingInput: new TextEncoder().encode(`${header}.${payload}`),
    signature: fromBase64url(signature),
  };
}

function parseJson(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(part)));
  } catch (cause) {
    throw new ProtocolError("MALFORMED", "JWS part is not JSON", { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
