import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { parseCertificate } from "@xid/pki";
import {
  canonicalJson,
  type EnrolmentCompletion,
  fromBase64url,
  keyPossessionType,
  signJws,
  toBase64url,
} from "@xid/protocol";
import { type Logger, pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Platform } from "../platform.ts";
import { createSigningKey, nobody, type Resident, signWithCardOf, type TestDevice, TestWorld } from "../test-world.ts";
import { keyThumbprint } from "./key-thumbprint.ts";
import { type CardProof, verifyCardProof } from "./verify-card-proof.ts";

type Signed = { statement: Record<string, unknown>; consent: Record<string, unknown> };

/** What each check refuses, when everything but that one thing is right. */
describe("what a card signed", () => {
  let world: TestWorld;
  let hanako: Resident;
  let taro: Resident;
  let device: TestDevice;
  let good: EnrolmentCompletion;

  beforeAll(async () => {
    world = await TestWorld.start();
    [hanako, taro] = await Promise.all([world.resident(), world.resident()]);
    device = world.device();
    good = (await device.sign(hanako)).completion;
  });
  afterAll(() => world.close());

  const read = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
  const challenge = () => read(good.statement).challenge as string;

  function check(completion: EnrolmentCompletion, platform: Pick<Platform, "jpki"> = world.platform, now = Date.now()) {
    const { publicJwk } = device.keys.authentication;
    const expected = {
      origin: "http://localhost:4001",
      challenge: challenge(),
      keyThumbprint: keyThumbprint(publicJwk),
      verifierId: world.platform.jpki.verifierId,
    };
    return verifyCardProof(platform, completion, { ...expected, now });
  }

  /** The card signs other statements than the app would have made. */
  async function signedAnew(change: (signed: Signed) => void): Promise<EnrolmentCompletion> {
    const signed = { statement: read(good.statement), consent: read(good.jlisConsent) };
    change(signed);
    return signedBytes(canonicalJson(signed.statement), canonicalJson(signed.consent));
  }

  async function signedBytes(statement: Uint8Array, consent: Uint8Array): Promise<EnrolmentCompletion> {
    const { signatures } = await signWithCardOf(world.sandboxUrl, hanako, [statement, consent]);
    const [statementSignature, jlisConsentSignature] = signatures.map(toBase64url) as [string, string];
    const [text, jlisConsent] = [toBase64url(statement), toBase64url(consent)];
    return { ...good, statement: text, statementSignature, jlisConsent, jlisConsentSignature };
  }

  it("gives the person that the certificate names, and what its status rests on", async () => {
    const { attributes, status, keys }: CardProof = await check(good);
    const { name, birthdate, gender, address } = hanako;
    expect(attributes).toEqual({ name, birthdate, gender, address, nameSubstitutes: [], addressSubstitutes: [] });
    expect(status).toMatchObject({ status: { status: "good" }, evidence: { kind: "ocsp" } });
    expect(keys.signing).toEqual(device.keys.signing.publicJwk);
  });

  it("keeps a name's substitute characters and says where they stand", async () => {
    const yoshino = await world.resident("external-characters");
    const other = world.device();
    const { completion } = await other.sign(yoshino);
    const { attributes } = await verifyCardProof(world.platform, completion, {
      origin: "http://localhost:4001",
      challenge: read(completion.statement).challenge as string,
      keyThumbprint: keyThumbprint(other.keys.authentication.publicJwk),
      verifierId: world.platform.jpki.verifierId,
      now: Date.now(),
    });
    expect(attributes.nameSubstitutes.length).toBeGreaterThan(0);
  });

  describe.each([
    ["enrolment statement", "statement"],
    ["consent for J-LIS", "consent"],
  ] as const)("of the %s", (_, which) => {
    it.each<[string, string, (statement: Record<string, unknown>) => void]>([
      ["another challenge", "another enrolment", (it) => (it.challenge = Buffer.alloc(32, 7).toString("base64url"))],
      ["another platform's origin", "another platform", (it) => (it.origin = "https://id.example")],
      ["a member that is not in its form", "not in its form", (it) => (it.remark = "")],
      ["another type", "not in its form", (it) => (it.typ = "xid-approval-v1")],
    ])("%s is refused", async (_case, message, change) => {
      const completion = await signedAnew((signed) => change(signed[which]));
      const refused = { code: "STATEMENT_MISMATCH", message: expect.stringContaining(message) };
      await expect(check(completion)).rejects.toMatchObject(refused);
    });

    it.each([
      ["sixteen minutes ago", -16 * 60],
      ["in sixteen minutes", 16 * 60],
    ])("a time %s is refused", async (_case, seconds) => {
      const completion = await signedAnew((signed) => {
        signed[which].time = Math.floor(Date.now() / 1000) + seconds;
      });
      await expect(check(completion)).rejects.toMatchObject({ code: "STATEMENT_STALE" });
    });

    it("a second form of the same JSON is refused", async () => {
      const [statement, consent] = [good.statement, good.jlisConsent].map((text) => fromBase64url(text)) as [
        Uint8Array,
        Uint8Array,
      ];
      const spaced = (bytes: Uint8Array) => Buffer.concat([Buffer.from(" "), bytes]);
      const completion =
        which === "statement"
          ? await signedBytes(spaced(statement), consent)
          : await signedBytes(statement, spaced(consent));
      await expect(check(completion)).rejects.toMatchObject({ code: "STATEMENT_MISMATCH" });
    });

    it("a signature by another card is refused", async () => {
      const member = which === "statement" ? "statement" : "jlisConsent";
      const bytes = fromBase64url(good[member]);
      const { signatures } = await signWithCardOf(world.sandboxUrl, taro, [bytes]);
      const completion = { ...good, [`${member}Signature`]: toBase64url(signatures[0]!) };
      await expect(check(completion)).rejects.toMatchObject({ code: "CARD_SIGNATURE_INVALID" });
    });
  });

  it("keys of another device than the caller's are refused", async () => {
    const completion = await signedAnew(({ statement }) => {
      (statement.keys as Record<string, unknown>).authentication = createSigningKey().publicJwk;
    });
    const refused = { code: "STATEMENT_MISMATCH", message: "made for another device" };
    await expect(check(completion)).rejects.toMatchObject(refused);
  });

  it.each([
    ["authentication", "signing"],
    ["authentication", "agreement"],
    ["signing", "agreement"],
  ] as const)("one key for %s and %s is refused", async (one, other) => {
    const completion = await signedAnew(({ statement }) => {
      const keys = statement.keys as Record<string, unknown>;
      if (one === "authentication") keys[other] = keys[one];
      else keys[one] = keys[other];
    });
    const keyPossession =
      one === "authentication" && other === "signing"
        ? await signJws({ typ: keyPossessionType }, { challenge: challenge() }, device.keys.authentication)
        : good.keyPossession;
    const refused = { code: "STATEMENT_MISMATCH", message: "one key for two uses" };
    await expect(check({ ...completion, keyPossession })).rejects.toMatchObject(refused);
  });

  it("a key that is no point of the curve is refused", async () => {
    const completion = await signedAnew(({ statement }) => {
      const keys = statement.keys as { agreement: { x: string } };
      keys.agreement.x = Buffer.alloc(32, 1).toString("base64url");
    });
    await expect(check(completion)).rejects.toMatchObject({ code: "STATEMENT_MISMATCH" });
  });

  it.each<[string, (consent: Record<string, unknown>) => void]>([
    ["to a text that nobody is shown", (it) => (it.textVersion = "1999-01")],
    ["to less than the text says", (it) => (it.items = ["name"])],
    ["to the same item four times", (it) => (it.items = ["name", "name", "name", "name"])],
  ])("a consent %s is refused", async (_, change) => {
    const completion = await signedAnew(({ consent }) => change(consent));
    const refused = { code: "STATEMENT_MISMATCH", message: "consent to another text" };
    await expect(check(completion)).rejects.toMatchObject(refused);
  });

  it.each<[string, string, (consent: Record<string, unknown>) => void]>([
    ["that another verifier may ask", "another verifier", (it) => (it.verifier = "A".repeat(43))],
    ["for another provider", "another service", (it) => (it.service = { provider: "bank", name: "xID" })],
    ["for another service", "another service", (it) => (it.service = { provider: "xID", name: "loan" })],
  ])("a consent %s is refused", async (_, message, change) => {
    const completion = await signedAnew(({ consent }) => change(consent));
    const refused = { code: "STATEMENT_MISMATCH", message: expect.stringContaining(message) };
    await expect(check(completion)).rejects.toMatchObject(refused);
  });

  describe("of the certificate", () => {
    it("the authentication certificate does not enrol, although its key signed and its issuer is known", async () => {
      const card = await new HttpCardReader(world.sandboxUrl).connect(hanako.id);
      const jpki = await JpkiApplication.select(card);
      await jpki.verifyPin("authentication", hanako.pins.authentication);
      const sign = async (text: string) => toBase64url(await jpki.sign("authentication", fromBase64url(text)));
      const completion = {
        ...good,
        statementSignature: await sign(good.statement),
        jlisConsentSignature: await sign(good.jlisConsent),
        certificate: toBase64url(await jpki.readCertificate("authentication")),
      };
      await card.close();
      await expect(check(completion)).rejects.toMatchObject({ code: "CERTIFICATE_WRONG_KIND" });
    });

    it.each<[string, (der: Buffer) => Buffer]>([
      ["cut off", (der) => der.subarray(0, -1)],
      ["with something behind it", (der) => Buffer.concat([der, Buffer.of(0)])],
      ["that is none", () => Buffer.from("certificate")],
    ])("one %s is malformed", async (_, spoil) => {
      const certificate = spoil(Buffer.from(good.certificate, "base64url")).toString("base64url");
      await expect(check({ ...good, certificate })).rejects.toMatchObject({ code: "CERTIFICATE_MALFORMED" });
    });

    it("one whose issuer's signature does not hold is not trusted", async () => {
      const der = Buffer.from(good.certificate, "base64url");
      der[der.length - 1]! ^= 1;
      const certificate = der.toString("base64url");
      await expect(check({ ...good, certificate })).rejects.toMatchObject({ code: "CERTIFICATE_UNTRUSTED" });
    });

    it("one by an authority that is not ours to trust is not trusted", async () => {
      const { jpki, signingAuthority } = world.platform;
      const elsewhere = { jpki: { ...jpki, signatureAnchors: async () => [signingAuthority.chain[1]] } };
      await expect(check(good, elsewhere)).rejects.toMatchObject({ code: "CERTIFICATE_UNTRUSTED" });
    });

    it.each([
      ["certificate-expired", "CERTIFICATE_EXPIRED"],
      ["certificate-revoked", "CERTIFICATE_REVOKED"],
      ["moved-last-week", "CERTIFICATE_REVOKED"],
    ])("%s is refused", async (persona, code) => {
      const resident = await world.resident(persona);
      const { signatures, certificate } = await signWithCardOf(world.sandboxUrl, resident, [
        fromBase64url(good.statement),
        fromBase64url(good.jlisConsent),
      ]);
      const [statementSignature, jlisConsentSignature] = signatures.map(toBase64url) as [string, string];
      const completion = { ...good, statementSignature, jlisConsentSignature, certificate: toBase64url(certificate) };
      await expect(check(completion)).rejects.toMatchObject({ code });
    });

    it("nobody outside is asked about a certificate whose key has not signed", async () => {
      const asked: string[] = [];
      const { jpki } = world.platform;
      const watched: Platform["jpki"] = {
        ...jpki,
        checkSignatureStatus: (certificate, issuer) => {
          asked.push(certificate.serial);
          return jpki.checkSignatureStatus(certificate, issuer);
        },
      };
      const statementSignature = good.jlisConsentSignature;
      await expect(check({ ...good, statementSignature }, { jpki: watched })).rejects.toThrow();
      expect(asked).toEqual([]);
      await check(good, { jpki: watched });
      expect(asked).toHaveLength(1);
    });
  });

  describe("of its revocation", () => {
    const noOcsp = { XID_OCSP_SIGNATURE_URL: nobody };
    const noList = { XID_CRL_SIGNATURE_URL: nobody };

    it("a revocation list answers while the responder is down", async () => {
      const { status } = await check(good, await world.beside(noOcsp));
      expect(status).toMatchObject({ status: { status: "good" }, evidence: { kind: "crl" } });
    });

    it("the list refuses a revoked certificate as the responder does", async () => {
      const ryo = await world.resident("certificate-revoked");
      const platform = await world.beside(noOcsp);
      const other = world.device(platform);
      const { enrolmentId, completion } = await other.sign(ryo);
      const refused = { problem: { code: "CERTIFICATE_REVOKED" } };
      await expect(other.client.completeEnrolment(enrolmentId, completion)).rejects.toMatchObject(refused);
    });

    it("unknown is not good: with neither, the certificate is refused", async () => {
      const platform = await world.beside({ ...noOcsp, ...noList });
      await expect(check(good, platform)).rejects.toMatchObject({ code: "STATUS_UNAVAILABLE" });
    });

    it("an outage is told to the log once for each source, without what was asked", async () => {
      const lines: string[] = [];
      const log = pino({ base: null }, { write: (line: string) => void lines.push(line) }) as Logger;
      const platform = await world.beside({ ...noOcsp, ...noList }, log);
      for (let times = 0; times < 2; times++) await expect(check(good, platform)).rejects.toThrow();
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: 40, source: "OCSP", address: nobody, reason: expect.any(String) },
        { level: 40, source: "CRL", address: expect.stringContaining(nobody), reason: expect.any(String) },
      ]);
      const { serial } = parseCertificate(fromBase64url(good.certificate));
      expect(lines.join().toLowerCase()).not.toContain(serial);
    });

    it("a responder of another authority is no answer", async () => {
      const authentication = `${world.sandboxUrl}/jpki/ocsp/authentication`;
      const platform = await world.beside({ XID_OCSP_SIGNATURE_URL: authentication, ...noList });
      await expect(check(good, platform)).rejects.toMatchObject({ code: "STATUS_UNAVAILABLE" });
    });
  });

  describe("of the device's signing key", () => {
    const possession = (header: object, content: object, key = device.keys.signing) => signJws(header, content, key);

    it.each<[string, () => Promise<string>]>([
      ["by another key", () => possession({ typ: keyPossessionType }, { challenge: challenge() }, createSigningKey())],
      ["for another challenge", () => possession({ typ: keyPossessionType }, { challenge: "A".repeat(43) })],
      ["of another type", () => possession({ typ: "JWT" }, { challenge: challenge() })],
      ["with more in it", () => possession({ typ: keyPossessionType }, { challenge: challenge(), more: 1 })],
      ["with a signature that is too short", async () => good.keyPossession.replace(/[^.]*$/, "AAAA")],
      ["without a signature", async () => good.keyPossession.replace(/[^.]*$/, "")],
      ["that is none", async () => "proof"],
    ])("a proof %s is refused", async (_, make) => {
      const completion = { ...good, keyPossession: await make() };
      await expect(check(completion)).rejects.toMatchObject({ code: "KEY_POSSESSION_INVALID" });
    });
  });
});
