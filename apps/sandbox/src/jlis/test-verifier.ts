import { randomUUID } from "node:crypto";
import { type CardTransport, JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { VirtualCard } from "@xid/card/virtual";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Person } from "../people/present.ts";
import { readPhone } from "../store/people.ts";
import type { TestWorld } from "../test-world.ts";
import type { ConsentDocument } from "./consent-documents.ts";
import type { SignedDocument } from "./signed-document.ts";

type TokenChanges = { header?: object; claims?: object; key?: CryptoKey };

/** A registered verifier that speaks J-LIS's interface over HTTP. */
export class TestVerifier {
  readonly sandbox: TestWorld;
  readonly id: string;
  readonly key: CryptoKey;
  readonly #now: () => Date;

  private constructor(sandbox: TestWorld, id: string, key: CryptoKey, now: () => Date) {
    this.sandbox = sandbox;
    this.id = id;
    this.key = key;
    this.#now = now;
  }

  static async register(sandbox: TestWorld, name = "xID", now = () => new Date()): Promise<TestVerifier> {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const jwk = await exportJWK(publicKey);
    await sandbox.post("/jlis/v1/verifiers", { name, jwk });
    return new TestVerifier(sandbox, await calculateJwkThumbprint(jwk), privateKey, now);
  }

  /** An authorization header that is good once, or wrong in what is changed. */
  async token({ header, claims, key }: TokenChanges = {}): Promise<Record<string, string>> {
    const now = Math.floor(this.#now().getTime() / 1000);
    const all = {
      ...{ iss: this.id, aud: `${this.sandbox.url}/jlis/v1`, iat: now, exp: now + 60, jti: randomUUID() },
      ...claims,
    };
    const token = new SignJWT(all).setProtectedHeader({ alg: "ES256", kid: this.id, ...header });
    return { authorization: `Bearer ${await token.sign(key ?? this.key)}` };
  }

  /** Status and body of a call. */
  async post(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown }> {
    return this.sandbox.post(`/jlis/v1${path}`, body, headers ?? (await this.token()));
  }

  /** The answers to many questions. Throws when the whole call was refused. */
  async ask<Answer = Record<string, unknown>>(path: string, ...requests: object[]): Promise<Answer[]> {
    const { status, body } = await this.post(path, { requests });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return (body as { answers: Answer[] }).answers;
  }

  /** A consent to this verifier as the person's app would word it. */
  consentDocument(changes: object = {}): ConsentDocument {
    return {
      typ: "xid-jlis-consent-v1",
      origin: "https://id.example",
      verifier: this.id,
      service: { provider: "テスト銀行", name: "口座" },
      challenge: "c".repeat(43),
      textVersion: "1",
      items: ["name", "address"],
      time: Math.floor(this.#now().getTime() / 1000),
      ...changes,
    };
  }
}

/** The members in order, as canonical JSON has them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `"${name}":${canonical((value as Record<string, unknown>)[name])}`).join(",")}}`;
}

/** What a resident's card makes of a document: at the reader, with its password. A text is signed as it is. */
export async function signWithCard(
  { url }: TestWorld,
  { id, pins }: Person,
  document: object | string,
  kind: "signature" | "authentication" = "signature",
): Promise<SignedDocument> {
  const card = await new HttpCardReader(url).connect(id);
  const signed = await sign(card, pins, document, kind);
  await card.close();
  return signed;
}

/** The same with the keys of the resident's phone. */
export function signWithPhone({ world }: TestWorld, { id, pins }: Person, document: object): Promise<SignedDocument> {
  const phone = new VirtualCard(readPhone(world.database, id), { persist: () => undefined });
  phone.powerOn();
  return sign({ transmit: async (command) => phone.transmit(command) }, pins, document, "signature");
}

async function sign(
  transport: CardTransport,
  pins: Person["pins"],
  document: object | string,
  kind: "signature" | "authentication",
): Promise<SignedDocument> {
  const bytes = Buffer.from(typeof document === "string" ? document : canonical(document));
  const jpki = await JpkiApplication.select(transport);
  await jpki.verifyPin(kind, pins[kind]);
  const signature = await jpki.sign(kind, bytes);
  const certificate = await jpki.readCertificate(kind);
  const text = (octets: Uint8Array) => Buffer.from(octets).toString("base64url");
  return { document: text(bytes), signature: text(signature), certificate: text(certificate) };
}
