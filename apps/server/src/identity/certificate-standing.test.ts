import type { Certificate } from "@xid/pki";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Platform } from "../platform.ts";
import { nobody, TestWorld } from "../test-world.ts";
import { readAccountState } from "./account-state.ts";
import { checkCertificateStanding } from "./certificate-standing.ts";

describe("the certificate behind an account", () => {
  let world: TestWorld;
  let asked: string[];
  let platform: Platform;

  beforeAll(async () => {
    world = await TestWorld.start({ environment: { XID_STATUS_MAX_AGE: "60" } });
    const { jpki } = world.platform;
    const checkSignatureStatus = (certificate: Certificate, issuer: Certificate) => {
      asked.push(certificate.serial);
      return jpki.checkSignatureStatus(certificate, issuer);
    };
    platform = { ...world.platform, jpki: { ...jpki, checkSignatureStatus } };
  });
  afterAll(() => world.close());

  async function standing(accountId: string, at: Platform = platform) {
    asked = [];
    const { certificate } = await readAccountState(at, accountId);
    return (await checkCertificateStanding(at, certificate)).status;
  }
  const accountOf = async () => {
    const { device, resident } = await world.enrolled();
    return { accountId: device.ids.accountId, resident };
  };

  it("is not asked about again while the last answer is young enough", async () => {
    const { accountId } = await accountOf();
    expect(await standing(accountId)).toBe("good");
    expect(asked).toEqual([]);
  });

  it("is asked about when the answer is too old, and the new one is kept", async () => {
    const { accountId } = await accountOf();
    await world.later(61_000, async () => {
      expect(await standing(accountId)).toBe("good");
      expect(asked).toHaveLength(1);
      expect(await standing(accountId)).toBe("good");
      expect(asked).toEqual([]);
    });
  });

  it("is found revoked as soon as the answer is too old, and stays so without asking", async () => {
    const { accountId, resident } = await accountOf();
    await world.happens(resident, { type: "revoke" });
    expect(await standing(accountId)).toBe("good");
    await world.later(61_000, async () => expect(await standing(accountId)).toBe("revoked"));
    expect(await standing(accountId)).toBe("revoked");
    expect(asked).toEqual([]);
  });

  it("is expired after its last second, whatever anybody says", async () => {
    const { accountId } = await accountOf();
    const { certificate } = await readAccountState(platform, accountId);
    const left = certificate.notAfter.getTime() - platform.clock();
    await world.later(left + 1000, async () => expect(await standing(accountId)).toBe("expired"));
    expect(asked).toEqual([]);
  });

  it("is not good when nobody can say", async () => {
    const { accountId } = await accountOf();
    const alone = await world.beside({ XID_OCSP_SIGNATURE_URL: nobody, XID_CRL_SIGNATURE_URL: nobody });
    const check = world.later(61_000, () => standing(accountId, alone));
    await expect(check).rejects.toMatchObject({ code: "STATUS_UNAVAILABLE" });
  });

  it("rests on the revocation list while the responder is down, and the list is kept", async () => {
    const { accountId } = await accountOf();
    const alone = await world.beside({ XID_OCSP_SIGNATURE_URL: nobody });
    expect(await world.later(61_000, () => standing(accountId, alone))).toBe("good");
    const { certificate } = await readAccountState(platform, accountId);
    if (certificate.statusEvidence.kind !== "crl") throw new Error("not from a list");
    const list = await platform.database
      .selectFrom("revocation_lists")
      .select("der")
      .where("digest", "=", Buffer.from(certificate.statusEvidence.listDigest, "base64"))
      .executeTakeFirst();
    expect(list?.der.length).toBeGreaterThan(0);
  });
});
