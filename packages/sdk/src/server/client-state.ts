import { createHash } from "node:crypto";
import { base64url, calculateJwkThumbprint, type JWK } from "jose";
import type { ClientStore } from "./client-store.ts";
import { XidError } from "./xid-error.ts";

/** What the SDK keeps in the relying party's store. The keys are made once; a registration can be lost and made again. */
export type ClientState = {
  /** P-256, signs client assertions (RFC 7523). */
  clientKey: JWK;
  /** P-256, access tokens are bound to it (RFC 9449). */
  dpopKey: JWK;
  /** P-256, the provider's answers are encrypted to it (RFC 7518 §4.6); made when they are to be. */
  encryptionKey?: JWK;
  /** 32 bytes, base64url: seals transactions. */
  transactionKey: string;
  registration?: {
    issuer: string;
    clientId: string;
    /** Of the metadata that was registered: another one needs another registration. */
    digest: string;
  };
};

/** Reads the state, or makes new keys and writes them. Throws STORE_UNUSABLE on a text that was not written here. */
export async function loadClientState(store: ClientStore, { encrypted = false } = {}): Promise<ClientState> {
  const text = await store.read();
  const known = text === undefined ? undefined : parseClientState(text);
  if (known && (known.encryptionKey || !encrypted)) return known;
  const state: ClientState = {
    ...(known ?? {
      clientKey: await newKey(),
      dpopKey: await newKey(),
      transactionKey: base64url.encode(crypto.getRandomValues(new Uint8Array(32))),
    }),
    ...(encrypted && { encryptionKey: await newKey() }),
  };
  await saveClientState(store, state);
  return state;
}

export async function saveClientState(store: ClientStore, state: ClientState): Promise<void> {
  await store.write(`${JSON.stringify(state, null, 2)}\n`);
}

/** The client's public key as it is registered: with its thumbprint (RFC 7638) as `kid`. */
export async function publicClientKey(state: ClientState): Promise<JWK> {
  const { kty, crv, x, y } = state.clientKey as Required<Pick<JWK, "kty" | "crv" | "x" | "y">>;
  return { kty, crv, x, y, kid: await calculateJwkThumbprint(state.clientKey), alg: "ES256", use: "sig" };
}

export async function publicEncryptionKey(jwk: JWK, alg: string): Promise<JWK> {
  const { kty, crv, x, y } = jwk as Required<Pick<JWK, "kty" | "crv" | "x" | "y">>;
  return { kty, crv, x, y, kid: await calculateJwkThumbprint(jwk), alg, use: "enc" };
}

export function digestMetadata(metadata: object): string {
  return createHash("sha256").update(JSON.stringify(metadata)).digest("base64url");
}

/** Both keys of a pair for WebCrypto; the private one does not come out again. */
export async function importKeyPair(jwk: JWK): Promise<CryptoKeyPair> {
  const { kty, crv, x, y } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("jwk", jwk, p256, false, ["sign"]),
    crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, p256, true, ["verify"]),
  ]);
  return { privateKey, publicKey };
}

export async function importDecryptionKey(jwk: JWK): Promise<{ key: CryptoKey; kid: string }> {
  const ecdh = { name: "ECDH", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, ecdh, false, ["deriveBits"]);
  return { key, kid: await calculateJwkThumbprint(jwk) };
}

const p256 = { name: "ECDSA", namedCurve: "P-256" };

async function newKey(): Promise<JWK> {
  const { privateKey } = await crypto.subtle.generateKey(p256, true, ["sign", "verify"]);
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", privateKey);
  return { kty, crv, x, y, d } as JWK;
}

function parseClientState(text: string): ClientState {
  try {
    const state = JSON.parse(text);
    for (const key of [state.clientKey, state.dpopKey, state.encryptionKey ?? state.clientKey]) {
      if (key.kty !== "EC" || key.crv !== "P-256" || typeof key.d !== "string") throw new TypeError("not a P-256 key");
    }
    if (base64url.decode(state.transactionKey).length !== 32) throw new TypeError("not a key of 32 bytes");
    return state;
  } catch (cause) {
    throw new XidError("STORE_UNUSABLE", "the store holds no client state of this SDK", { cause });
  }
}
