import { fromBase64url, toBase64url } from "@xid/protocol";
import { WalletError } from "../wallet-error.ts";
import { fromDerSignature } from "./ecdsa-signature.ts";
import type { SecretStore, UserVerification } from "./ports.ts";

type Credential = { id: string; publicKey: string };

const secret = "webauthn";
/** WebAuthn §6.1: user present and user verified. */
const presentAndVerified = 0x05;
const es256 = -7;

/**
 * The device's own authenticator by WebAuthn, user verification required. The assertion is checked here, not by the
 * platform: it proves to the app that its holder unlocked the device, and nothing to anyone else.
 */
export class WebAuthnVerification implements UserVerification {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  async available(): Promise<boolean> {
    if (typeof PublicKeyCredential === "undefined") return false;
    return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
  }

  async enable(): Promise<void> {
    const created = await ask(() =>
      navigator.credentials.create({
        publicKey: {
          rp: { name: "xID" },
          user: { id: crypto.getRandomValues(new Uint8Array(16)), name: "xID", displayName: "xID" },
          challenge: crypto.getRandomValues(new Uint8Array(32)),
          pubKeyCredParams: [{ type: "public-key", alg: es256 }],
          authenticatorSelection: {
            authenticatorAttachment: "platform",
            userVerification: "required",
            residentKey: "discouraged",
          },
        },
      }),
    );
    const response = created.response as AuthenticatorAttestationResponse;
    const publicKey = response.getPublicKey();
    if (!publicKey || response.getPublicKeyAlgorithm() !== es256) {
      throw new WalletError("UNAVAILABLE", "the authenticator has no ES256 key");
    }
    const credential: Credential = { id: created.id, publicKey: toBase64url(new Uint8Array(publicKey)) };
    await this.#secrets.set(secret, JSON.stringify(credential));
  }

  async verify(): Promise<void> {
    const stored = await this.#secrets.get(secret);
    if (!stored) throw new WalletError("UNAVAILABLE", "no authenticator was set up");
    const credential = JSON.parse(stored) as Credential;
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const assertion = await ask(() =>
      navigator.credentials.get({
        publicKey: {
          challenge,
          userVerification: "required",
          allowCredentials: [{ type: "public-key", id: fromBase64url(credential.id), transports: ["internal"] }],
        },
      }),
    );
    await checkAssertion(assertion.response as AuthenticatorAssertionResponse, credential, challenge);
  }
}

async function ask(call: () => Promise<globalThis.Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await call();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : "";
    if (name === "NotAllowedError" || name === "AbortError") {
      throw new WalletError("CANCELLED", "the person was not verified", cause);
    }
    throw new WalletError("UNAVAILABLE", "the authenticator cannot be used", cause);
  }
  throw new WalletError("UNAVAILABLE", "the browser gave no credential");
}

/** WebAuthn §7.2, the steps that matter when the browser is the relying party: challenge, origin, flags, signature. */
async function checkAssertion(
  response: AuthenticatorAssertionResponse,
  { publicKey }: Credential,
  challenge: Uint8Array,
): Promise<void> {
  const client = JSON.parse(new TextDecoder().decode(response.clientDataJSON)) as Record<string, unknown>;
  const authenticatorData = new Uint8Array(response.authenticatorData);
  const flags = authenticatorData[32] ?? 0;
  const key = await crypto.subtle.importKey(
    "spki",
    fromBase64url(publicKey),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["verify"],
  );
  const clientDigest = new Uint8Array(await crypto.subtle.digest("SHA-256", response.clientDataJSON));
  const holds = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    key,
    fromDerSignature(new Uint8Array(response.signature)),
    Uint8Array.of(...authenticatorData, ...clientDigest),
  );
  const right =
    client.type === "webauthn.get" &&
    client.challenge === toBase64url(challenge) &&
    client.origin === location.origin &&
    (flags & presentAndVerified) === presentAndVerified &&
    holds;
  if (!right) throw new WalletError("MALFORMED", "the authenticator's answer does not hold");
}
