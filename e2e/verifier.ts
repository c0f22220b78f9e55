import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

type Question = { kind: "signature" | "authentication"; serial: string };
export type Status = Question & { status: "good" | "revoked" | "unknown"; reason?: string };
export type Links = Question & { current: (Status & { medium: string })[] };

/** One who is registered at the sandbox's J-LIS, as a bank's platform operator is. */
export class Verifier {
  readonly #url: string;
  readonly #key: CryptoKey;
  readonly #id: string;

  private constructor(url: string, key: CryptoKey, id: string) {
    this.#url = url;
    this.#key = key;
    this.#id = id;
  }

  static async register(sandbox: string, name: string): Promise<Verifier> {
    const url = `${sandbox}/jlis/v1`;
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const { verifierId } = await post<{ verifierId: string }>(`${url}/verifiers`, {
      name,
      jwk: await exportJWK(publicKey),
    });
    return new Verifier(url, privateKey, verifierId);
  }

  status(question: Question): Promise<Status> {
    return this.#ask("status", question);
  }

  /** What the person behind a certificate holds now. */
  links(question: Question): Promise<Links> {
    return this.#ask("links", question);
  }

  async #ask<T>(service: string, question: Question): Promise<T> {
    const token = await new SignJWT()
      .setProtectedHeader({ alg: "ES256", kid: this.#id })
      .setIssuer(this.#id)
      .setAudience(this.#url)
      .setIssuedAt()
      .setExpirationTime("1m")
      .setJti(randomUUID())
      .sign(this.#key);
    const body = { requests: [question] };
    const { answers } = await post<{ answers: [T] }>(`${this.#url}/${service}`, body, {
      authorization: `Bearer ${token}`,
    });
    return answers[0];
  }
}

async function post<T>(url: string, body: object, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
