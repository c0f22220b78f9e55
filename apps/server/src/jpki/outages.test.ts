import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { importJWK, type JWK, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readAccountState } from "../identity/account-state.ts";
import { checkCertificateStanding } from "../identity/certificate-standing.ts";
import type { Platform } from "../platform.ts";
import { type Resident, refusalOf, TestWorld } from "../test-world.ts";

/** What the platform does when the simulated Japan lets something go wrong for it. */
describe("when something goes wrong", () => {
  let world: TestWorld;
  let platform: Platform;
  let hanako: Resident;
  beforeAll(async () => {
    world = await TestWorld.start();
  });
  beforeEach(async () => {
    // As a process that has just started: no revocation list is kept from before.
    platform = await world.beside({});
    hanako = await world.resident();
  });
  afterEach(() => fetch(`${world.sandboxUrl}/api/faults`, { method: "DELETE" }));
  afterAll(() => world.close());

  async function goesWrong(kind: string, details: object = { verifier: platform.jpki.verifierId }): Promise<void> {
    const response = await fetch(`${world.sandboxUrl}/api/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind, ...details }),
    });
    if (!response.ok) throw new Error(await response.text());
  }
  const goesRight = () => fetch(`${world.sandboxUrl}/api/faults`, { method: "DELETE" });

  /** Enrols, and gives what the certificate's status then rests on. */
  async function enrolledBy(): Promise<"ocsp" | "crl"> {
    const device = world.device(platform);
    await device.enrol(hanako);
    return (await readAccountState(platform, device.ids.accountId)).certificate.statusEvidence.kind;
  }
  async function standingOf(accountId: string): Promise<string> {
    const { certificate } = await readAccountState(platform, accountId);
    return (await checkCertificateStanding(platform, certificate)).status;
  }

  it("enrolment and sign-in rest on the responder's word while all is well", async () => {
    expect(await enrolledBy()).toBe("ocsp");
  });

  it.each(["ocsp-down", "ocsp-wrong-signature"])("with %s they rest on the revocation list", async (kind) => {
    await goesWrong(kind);
    expect(await enrolledBy()).toBe("crl");
  });

  it("with a stale list nothing happens as long as the responder answers", async () => {
    await goesWrong("crl-stale");
    expect(await enrolledBy()).toBe("ocsp");
  });

  describe.each<[string, [string, object?][]]>([
    ["no responder and a stale list", [["ocsp-down"], ["crl-stale"]]],
    ["wrong signatures and a stale list", [["ocsp-wrong-signature"], ["crl-stale"]]],
    ["answers from the future", [["clock-skew"]]],
  ])("with %s", (_, faults) => {
    it("enrolment is refused, and goes on with the same signatures when all is well again", async () => {
      const device = world.device(platform);
      const { enrolmentId, completion } = await device.sign(hanako);
      for (const [kind] of faults) await goesWrong(kind);
      const refused = await refusalOf(device.client.completeEnrolment(enrolmentId, completion));
      expect(refused).toBe("CERTIFICATE_STATUS_UNKNOWN");
      await goesRight();
      expect(await device.client.completeEnrolment(enrolmentId, completion)).toMatchObject({ state: "completed" });
    });

    it("sign-in is refused: unknown is not good", async () => {
      const { device } = await world.enrolled(hanako);
      for (const [kind] of faults) await goesWrong(kind);
      await expect(standingOf(device.ids.accountId)).rejects.toMatchObject({ code: "STATUS_UNAVAILABLE" });
      await goesRight();
      expect(await standingOf(device.ids.accountId)).toBe("good");
    });
  });

  it("with clocks that are two hours slow the list still holds, but J-LIS takes no token", async () => {
    const { device } = await world.enrolled(hanako);
    await goesWrong("clock-skew", { verifier: platform.jpki.verifierId, seconds: -7200 });
    expect(await standingOf(device.ids.accountId)).toBe("good");
    const { certificate } = await readAccountState(platform, device.ids.accountId);
    expect(certificate.statusEvidence.kind).toBe("crl");
    const refused = await refusalOf(world.device(platform).enrol(await world.resident()));
    expect(refused).toBe("JLIS_UNAVAILABLE");
  });

  it("with J-LIS down enrolment is refused, and goes on with the same signatures when it is back", async () => {
    const device = world.device(platform);
    const { enrolmentId, completion } = await device.sign(hanako);
    await goesWrong("jlis-down");
    expect(await refusalOf(device.client.completeEnrolment(enrolmentId, completion))).toBe("JLIS_UNAVAILABLE");
    await goesRight();
    expect(await device.client.completeEnrolment(enrolmentId, completion)).toMatchObject({ account: "created" });
  });

  it("with J-LIS down somebody who is enrolled signs in all the same", async () => {
    const { device } = await world.enrolled(hanako);
    await goesWrong("jlis-down");
    expect(await standingOf(device.ids.accountId)).toBe("good");
  });

  it("with J-LIS slow enrolment takes longer", async () => {
    await goesWrong("jlis-slow", { verifier: platform.jpki.verifierId, seconds: 0.3 });
    expect(await enrolledBy()).toBe("ocsp");
  });

  it("with J-LIS too late enrolment is refused after five seconds", async () => {
    await goesWrong("jlis-late", { verifier: platform.jpki.verifierId, seconds: 60, count: 1 });
    expect(await refusalOf(world.device(platform).enrol(hanako))).toBe("JLIS_UNAVAILABLE");
    expect(await enrolledBy()).toBe("ocsp");
  });

  it("for everyone it goes wrong for us; for another verifier it does not", async () => {
    await goesWrong("jlis-down", {});
    expect(await refusalOf(world.device(platform).enrol(hanako))).toBe("JLIS_UNAVAILABLE");
    await goesRight();
    const { publicJwk } = world.device().keys.signing;
    const registration = await fetch(`${platform.config.jpki.jlisUrl}/verifiers`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "another", jwk: publicJwk }),
    });
    const { verifierId } = (await registration.json()) as { verifierId: string };
    for (const kind of ["jlis-down", "ocsp-down", "crl-stale"]) await goesWrong(kind, { verifier: verifierId });
    expect(await enrolledBy()).toBe("ocsp");
  });

  it("a card torn away in the middle has signed nothing for us, and enrols when it is put back", async () => {
    const device = world.device(platform);
    await goesWrong("card-torn", { person: hanako.id, apdu: 6, carriedOut: true, count: 1 });
    await expect(device.sign(hanako)).rejects.toMatchObject({ code: "CARD_LOST" });
    expect(await device.enrol(hanako)).toMatchObject({ account: "created" });
  });
});

describe("J-LIS takes the consent that was signed at enrolment", () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.start();
  });
  afterAll(() => world.close());

  async function ask(path: string, request: object): Promise<Record<string, unknown>> {
    const { jpki, config } = world.platform;
    const text = await readFile(join(config.dataDirectory, "keys", "jlis-client.json"), "utf8");
    const token = await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: "ES256", kid: jpki.verifierId })
      .setIssuer(jpki.verifierId)
      .setAudience(config.jpki.jlisUrl)
      .setIssuedAt()
      .setExpirationTime("30s")
      .sign(await importJWK(JSON.parse(text) as JWK, "ES256"));
    const response = await fetch(`${config.jpki.jlisUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ requests: [request] }),
    });
    return ((await response.json()) as { answers: Record<string, unknown>[] }).answers[0]!;
  }

  it("as it is, and gives the four attributes under it", async () => {
    const hanako = await world.resident();
    const { completion } = await world.device().sign(hanako);
    const { jlisConsent: document, jlisConsentSignature: signature, certificate } = completion;
    const consent = await ask("/consents", { document, signature, certificate });
    expect(consent).toMatchObject({ state: "valid", service: { provider: "xID", name: "xID" } });
    const { name, birthdate, gender, address } = hanako;
    expect(await ask("/attributes", { consentId: consent.consentId })).toMatchObject({
      attributes: { name, birthdate, gender, address },
    });
  });
});
