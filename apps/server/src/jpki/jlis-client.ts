import { generateKeyPairSync, randomUUID } from "node:crypto";
import { join } from "node:path";
import { type EcJwk, PublicJwk } from "@xid/protocol";
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";
import type { Config } from "../config.ts";
import { readOrCreateKeyFile } from "../store/key-file.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { JpkiError } from "./jpki-error.ts";

const timeout = 5000;
const maxOctets = 64 * 1024;
/** Seconds for which a call's token is good. */
const tokenLifetime = 30;

const kind = z.enum(["signature", "authentication"]);
const serial = z.string().regex(/^[0-9a-f]{1,40}$/);
const status = z.enum(["good", "revoked", "unknown"]);

export type CertificateKind = z.infer<typeof kind>;

const medium = z.enum(["card", "phone"]);

const SerialLinks = z.object({
  /** What the person's card and phone hold now. */
  current: z.array(z.object({ kind, medium, serial, status })).max(4),
  /** Certificates that the same person had before. */
  previous: z.array(z.object({ kind, medium, serial })).max(500),
});
export type SerialLinks = z.infer<typeof SerialLinks>;

/** The answer to the one question of a call, or why there is none. */
const oneAnswer = <T extends z.ZodType>(answer: T) =>
  z.object({ answers: z.tuple([z.union([z.object({ refusal: z.string() }), answer])]) });

/** `verifierId` is the RFC 7638 thumbprint of the public key. */
type VerifierKeys = { key: CryptoKey | Uint8Array; publicJwk: EcJwk; verifierId: string };

/** J-LIS as a registered verifier (署名検証者) meets it. Every call carries its own short-lived ES256 token. */
export class JlisClient {
  readonly #url: string;
  readonly #mayRegister: boolean;
  readonly #key: CryptoKey | Uint8Array;
  readonly #publicJwk: EcJwk;
  /** Our id at J-LIS. */
  readonly verifierId: string;

  private constructor(config: Pick<Config, "profile" | "jpki">, keys: VerifierKeys) {
    this.#url = config.jpki.jlisUrl;
    this.#mayRegister = config.profile === "sandbox";
    this.#key = keys.key;
    this.#publicJwk = keys.publicJwk;
    this.verifierId = keys.verifierId;
  }

  /** Takes the verifier's key from the key folder, made at the first start. */
  static async open(config: Pick<Config, "profile" | "dataDirectory" | "jpki">): Promise<JlisClient> {
    const text = await readOrCreateKeyFile(join(config.dataDirectory, "keys"), "jlis-client.json", () =>
      JSON.stringify(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" })),
    );
    const { d, ...publicJwk } = PublicJwk.extend({ d: z.string() }).parse(JSON.parse(text));
    const key = await importJWK({ ...publicJwk, d } satisfies JWK, "ES256");
    return new JlisClient(config, { key, publicJwk, verifierId: await calculateJwkThumbprint(publicJwk) });
  }

  /** Which certificates the person behind a serial number has and had. Throws `JpkiError`. */
  async links(of: { kind: CertificateKind; serial: string }): Promise<SerialLinks> {
    let answer = await this.#post("/links", { requests: [of] });
    if (answer.status === 401 && this.#mayRegister) {
      // A simulated world that was made anew does not know us yet.
      await this.register();
      answer = await this.#post("/links", { requests: [of] });
    }
    if (answer.status !== 200) throw new JpkiError("JLIS_UNAVAILABLE", `J-LIS answered ${answer.status}`);
    const [links] = parseAnswer(oneAnswer(SerialLinks), answer.body).answers;
    if ("refusal" in links) {
      const code = links.refusal === "SERIAL_UNKNOWN" ? "JLIS_UNKNOWN_SERIAL" : "JLIS_UNAVAILABLE";
      throw new JpkiError(code, `J-LIS refused: ${links.refusal.slice(0, 64)}`);
    }
    // Whose they are decides an account, so an answer that is about somebody else must not pass.
    if (!isAbout(links, of)) throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS answered about another certificate");
    return links;
  }

  /**
   * Plays the contract between a verifier and J-LIS: the simulation takes anyone's key, and hands out the base URL of OCSP
   * responders and revocation lists for this verifier.
   */
  async register(): Promise<{ jpkiUrl: string }> {
    const body = JSON.stringify({ name: "xID", jwk: this.#publicJwk });
    const headers = { "content-type": "application/json" };
    const answer = await ask(`${this.#url}/verifiers`, { method: "POST", headers, body });
    if (answer.status >= 300) throw new JpkiError("JLIS_UNAVAILABLE", `registration answered ${answer.status}`);
    const { verifierId, jpkiUrl } = parseAnswer(z.object({ verifierId: z.string(), jpkiUrl: z.url() }), answer.body);
    if (verifierId !== this.verifierId) throw new JpkiError("JLIS_UNAVAILABLE", "registered under another key");
    return { jpkiUrl };
  }

  async #post(path: string, content: object): Promise<{ status: number; body: Buffer }> {
    const token = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: this.verifierId })
      .setIssuer(this.verifierId)
      .setAudience(this.#url)
      .setIssuedAt()
      .setExpirationTime(`${tokenLifetime}s`)
      .sign(this.#key);
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    return ask(`${this.#url}${path}`, { method: "POST", headers, body: JSON.stringify(content) });
  }
}

function isAbout(
  { current, previous }: SerialLinks,
  { kind, serial }: { kind: CertificateKind; serial: string },
): boolean {
  return [...current, ...previous].some((one) => one.kind === kind && one.serial === serial);
}

async function ask(url: string, request: { method: "POST"; headers: Record<string, string>; body: string }) {
  try {
    return await boundedFetch(url, { ...request, timeout, maxOctets });
  } catch (cause) {
    throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS cannot be reached", { cause });
  }
}

function parseAnswer<T>(shape: z.ZodType<T>, body: Buffer): T {
  try {
    return shape.parse(JSON.parse(body.toString("utf8")));
  } catch (cause) {
    throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS's answer is not in its form", { cause });
  }
}
