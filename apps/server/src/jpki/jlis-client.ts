import { generateKeyPairSync, randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type EcJwk, PublicJwk } from "@xid/protocol";
import { calculateJwkThumbprint, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";
import type { Config } from "../config.ts";
import { readOrCreateKeyFile } from "../store/key-file.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { JlisPace } from "./jlis-pace.ts";
import { JpkiError } from "./jpki-error.ts";

/** What an answer about one person, and one about a thousand, may take: milliseconds, and octets. */
type Bounds = { timeout: number; maxOctets: number };
const single: Bounds = { timeout: 5000, maxOctets: 64 * 1024 };
const bulk: Bounds = { timeout: 60_000, maxOctets: 16 * 1024 * 1024 };
/** For the question what has changed of everybody. */
const sweepTimeout = 600_000;
const longestLine = 256;
/** Seconds for which a call's token is good. */
const tokenLifetime = 30;
/** Below what J-LIS takes of one verifier (100 a second), so that people who wait find room beside a sweep. */
const pace = { burst: 50, perSecond: 70 };
/** How often a call that comes too soon is made again, and after how many milliseconds. */
const maxAttempts = 5;
const retryAfter = 1000;

const kind = z.enum(["signature", "authentication"]);
const serial = z.string().regex(/^[0-9a-f]{1,40}$/);
const status = z.enum(["good", "revoked", "unknown"]);

export type CertificateKind = z.infer<typeof kind>;

/** A certificate by its 発行番号. */
export type CertificateName = { kind: CertificateKind; serial: string };

const medium = z.enum(["card", "phone"]);

const SerialLinks = z.object({
  /** What the person's card and phone hold now. */
  current: z.array(z.object({ kind, medium, serial, status })).max(4),
  /** Certificates that the same person had before. */
  previous: z.array(z.object({ kind, medium, serial })).max(500),
});
export type SerialLinks = z.infer<typeof SerialLinks>;

const SerialStatus = z.object({
  kind,
  serial,
  status,
  /** RFC 5280 section 5.3.1, where it is revoked. */
  reason: z.string().max(64).optional(),
  revokedAt: z.iso.datetime().optional(),
  /** What the register says of the holder, where it is the end of the certificate. */
  holder: z.literal("deceased").optional(),
});
export type SerialStatus = z.infer<typeof SerialStatus>;

/** A consent or its withdrawal as the card signed it: base64url each. */
export type SignedDocument = { document: string; signature: string; certificate: string };

const consentId = z.string().regex(/^[\w-]{43}$/);
const Consent = z.object({ consentId, state: z.enum(["valid", "withdrawn", "replaced", "expired"]) });
export type JlisConsent = z.infer<typeof Consent>;

const substitutes = z.string().regex(/^[01]*$/);
const LatestAttributes = z.object({
  consentId,
  attributes: z.object({
    name: z.string().min(1).max(300),
    nameSubstitutes: substitutes,
    birthdate: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
    gender: z.enum(["male", "female", "unknown"]),
    address: z.string().min(1).max(400),
    addressSubstitutes: substitutes,
  }),
  /** The present signature certificate, from which they are. */
  certificate: z.object({ serial, medium, notBefore: z.iso.datetime() }),
});
export type LatestAttributes = z.infer<typeof LatestAttributes>;

const EndedConsents = z.object({
  ended: z.array(z.object({ consentId, because: z.enum(["withdrawn", "replaced"]) })).max(1000),
  mark: z.int().min(0),
  more: z.boolean(),
});
export type EndedConsents = z.infer<typeof EndedConsents>;

const ChangedSerial = z.union([
  z.strictObject({ serial }),
  z.strictObject({ mark: z.int().min(0), asked: z.int().min(0), changed: z.int().min(0) }),
]);

/** Why J-LIS gives no answer to one question of many. */
const Refusal = z.object({ refusal: z.string().max(64) });
export type Refusal = z.infer<typeof Refusal>;

/** How many questions of a kind one call holds; of changes so many that it has been sent long before its token ends. */
export const most = { status: 1000, links: 1000, attributes: 100, consents: 100, changes: 100_000 } as const;

/** `verifierId` is the RFC 7638 thumbprint of the public key. */
type VerifierKeys = { key: CryptoKey | Uint8Array; publicJwk: EcJwk; verifierId: string };

/** J-LIS as a registered verifier (署名検証者) meets it. Every call carries its own short-lived ES256 token. */
export class JlisClient {
  readonly #url: string;
  readonly #mayRegister: boolean;
  readonly #key: CryptoKey | Uint8Array;
  readonly #publicJwk: EcJwk;
  readonly #pace = new JlisPace(pace);
  /** How many calls have gone out. */
  calls = 0;
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
  async links(of: CertificateName): Promise<SerialLinks> {
    const [links] = await this.#ask("/links", [of], SerialLinks, single);
    if (!links || "refusal" in links) {
      const code = links?.refusal === "SERIAL_UNKNOWN" ? "JLIS_UNKNOWN_SERIAL" : "JLIS_UNAVAILABLE";
      throw new JpkiError(code, `J-LIS refused: ${links?.refusal}`);
    }
    // Whose they are decides an account, so an answer that is about somebody else must not pass.
    if (!isAbout(links, of)) throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS answered about another certificate");
    return links;
  }

  /** The same for at most a thousand, in their order; null where J-LIS knows none. */
  async linksOfMany(of: readonly CertificateName[]): Promise<(SerialLinks | null)[]> {
    const answers = await this.#ask("/links", of, SerialLinks);
    return answers.map((links, index) => {
      if ("refusal" in links) return null;
      if (!isAbout(links, of[index]!)) throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS answered about another one");
      return links;
    });
  }

  /** 有効性確認 of at most a thousand, in their order: revocation only. Throws `JpkiError`. */
  async statusOfMany(of: readonly CertificateName[]): Promise<SerialStatus[]> {
    const answers = await this.#ask("/status", of, SerialStatus);
    return answers.map((answer, index) => {
      const { kind, serial } = of[index]!;
      if ("refusal" in answer) throw new JpkiError("JLIS_UNAVAILABLE", `J-LIS refused: ${answer.refusal}`);
      if (answer.kind !== kind || answer.serial !== serial) {
        throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS answered about another certificate");
      }
      return answer;
    });
  }

  /** 提供同意の登録 of at most a hundred, in their order. The same again is answered the same. */
  registerConsents(signed: readonly SignedDocument[]): Promise<(JlisConsent | Refusal)[]> {
    return this.#ask("/consents", signed, Consent);
  }

  /** 同意の撤回, which the person has signed with their card. */
  async withdrawConsent(signed: SignedDocument): Promise<JlisConsent | Refusal> {
    const [answer] = await this.#ask("/consents/withdrawals", [signed], Consent, single);
    return answer!;
  }

  /** 最新の4情報 under at most a hundred consents, in their order. Consents are for all four, or the answer is refused. */
  async attributes(consentIds: readonly string[]): Promise<(LatestAttributes | Refusal)[]> {
    const questions = consentIds.map((consentId) => ({ consentId }));
    const answers = await this.#ask("/attributes", questions, LatestAttributes);
    if (answers.some((answer, index) => "consentId" in answer && answer.consentId !== consentIds[index])) {
      throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS answered about another consent");
    }
    return answers;
  }

  /** The next page of consents that have ended, after a mark. */
  async endedConsents(after: number): Promise<EndedConsents> {
    return parseAnswer(EndedConsents, await this.#call("/consents/ended", { after }, bulk));
  }

  /**
   * Which of many signature certificates may have changed since a mark (all of them where it is null): told to `onChanged`
   * by the thousand, as they come. Neither list is ever held whole. What is not named has not changed. Answers with the mark
   * of the next time. Throws `JpkiError`, also when the answer ends early; what was told until then may have changed.
   */
  async changes(
    after: number | null,
    serials: AsyncIterable<string[]>,
    onChanged: (serials: string[]) => Promise<void>,
  ): Promise<{ mark: number; asked: number; changed: number }> {
    const total = { mark: Number.POSITIVE_INFINITY, asked: 0, changed: 0 };
    const lines = serials[Symbol.asyncIterator]();
    // Had before the connection is taken, which J-LIS would close if it waited for the first of them.
    let next = await lines.next();
    do {
      const sent = { count: 0 };
      const body = async function* () {
        for (; !next.done && sent.count < most.changes; next = await lines.next()) {
          sent.count += next.value.length;
          yield Buffer.from(next.value.map((serial) => `${serial}\n`).join(""), "latin1");
        }
      };
      const answer = await this.#changes(after, body(), onChanged);
      if (answer.asked !== sent.count) throw new JpkiError("JLIS_UNAVAILABLE", "J-LIS has not read all that was asked");
      total.mark = Math.min(total.mark, answer.mark);
      total.asked += answer.asked;
      total.changed += answer.changed;
    } while (!next.done);
    return total;
  }

  async #changes(
    after: number | null,
    body: AsyncIterable<Uint8Array>,
    onChanged: (serials: string[]) => Promise<void>,
  ): Promise<{ mark: number; asked: number; changed: number }> {
    const { authorization } = await this.#admission();
    const url = `${this.#url}/changes?kind=signature${after === null ? "" : `&after=${after}`}`;
    const unusable = (why: string, cause?: unknown) => new JpkiError("JLIS_UNAVAILABLE", why, { cause });
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization, "content-type": "text/plain" },
      body: body as unknown as BodyInit,
      duplex: "half",
      redirect: "error",
      signal: AbortSignal.timeout(sweepTimeout),
    } as RequestInit).catch((cause) => {
      throw unusable("J-LIS cannot be reached", cause);
    });
    if (response.status !== 200) throw unusable(`J-LIS answered ${response.status}`);
    let changed = 0;
    let batch: string[] = [];
    let end: { mark: number; asked: number; changed: number } | undefined;
    for await (const line of readLines(response.body)) {
      if (end) throw unusable("J-LIS went on after the end");
      const parsed = parseAnswer(ChangedSerial, Buffer.from(line));
      if ("mark" in parsed) {
        end = parsed;
        continue;
      }
      changed++;
      batch.push(parsed.serial);
      if (batch.length < 1000) continue;
      await onChanged(batch);
      batch = [];
    }
    if (batch.length > 0) await onChanged(batch);
    if (!end || end.changed !== changed) throw unusable("J-LIS's answer is not whole");
    return end;
  }

  /** Many questions of one kind, each with its answer or its refusal, in their order. */
  async #ask<T extends z.ZodType>(
    path: string,
    requests: readonly object[],
    answer: T,
    bounds = bulk,
  ): Promise<(z.infer<T> | Refusal)[]> {
    const shape = z.object({ answers: z.array(z.union([Refusal, answer])).length(requests.length) });
    return parseAnswer(shape, await this.#call(path, { requests }, bounds)).answers as (z.infer<T> | Refusal)[];
  }

  /** One call, again when J-LIS has too much to do or does not know us yet. The body of its answer. */
  async #call(path: string, content: object, bounds: Bounds): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await this.#post(path, content, bounds);
      if (status === 200) return body;
      if (status === 401 && this.#mayRegister && attempt === 1) {
        // A simulated world that was made anew does not know us yet.
        await this.register();
      } else if (status === 429 && attempt <= maxAttempts) {
        await delay(retryAfter);
      } else {
        throw new JpkiError("JLIS_UNAVAILABLE", `J-LIS answered ${status}`);
      }
    }
  }

  /**
   * Plays the contract between a verifier and J-LIS: the simulation takes anyone's key, and hands out the base URL of OCSP
   * responders and revocation lists for this verifier.
   */
  async register(): Promise<{ jpkiUrl: string }> {
    const body = JSON.stringify({ name: "xID", jwk: this.#publicJwk });
    const headers = { "content-type": "application/json" };
    const answer = await ask(`${this.#url}/verifiers`, { method: "POST", headers, body, ...single });
    if (answer.status >= 300) throw new JpkiError("JLIS_UNAVAILABLE", `registration answered ${answer.status}`);
    const { verifierId, jpkiUrl } = parseAnswer(z.object({ verifierId: z.string(), jpkiUrl: z.url() }), answer.body);
    if (verifierId !== this.verifierId) throw new JpkiError("JLIS_UNAVAILABLE", "registered under another key");
    return { jpkiUrl };
  }

  /** For one call: when it may go, and the token that it goes with. */
  async #admission(): Promise<{ authorization: string }> {
    await this.#pace.take();
    this.calls++;
    const token = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: this.verifierId })
      .setIssuer(this.verifierId)
      .setAudience(this.#url)
      .setIssuedAt()
      .setExpirationTime(`${tokenLifetime}s`)
      .sign(this.#key);
    return { authorization: `Bearer ${token}` };
  }

  async #post(path: string, content: object, bounds: Bounds): Promise<{ status: number; body: Buffer }> {
    const headers = { "content-type": "application/json", ...(await this.#admission()) };
    return ask(`${this.#url}${path}`, { method: "POST", headers, body: JSON.stringify(content), ...bounds });
  }
}

async function* readLines(chunks: AsyncIterable<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  try {
    for await (const chunk of chunks ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > longestLine) throw new RangeError("a line of the answer is too long");
      for (const line of lines) if (line !== "") yield line;
    }
  } catch (cause) {
    throw cause instanceof JpkiError ? cause : new JpkiError("JLIS_UNAVAILABLE", "J-LIS's answer broke off", { cause });
  }
  if (rest !== "") yield rest;
}

function isAbout({ current, previous }: SerialLinks, { kind, serial }: CertificateName): boolean {
  return [...current, ...previous].some((one) => one.kind === kind && one.serial === serial);
}

async function ask(url: string, request: { method: "POST"; headers: Record<string, string>; body: string } & Bounds) {
  try {
    return await boundedFetch(url, request);
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
