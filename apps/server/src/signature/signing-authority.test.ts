import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCertificate, verifyCrl, verifyPath } from "@xid/pki";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { issueSigningCertificate } from "./issue-signing-certificate.ts";
import { loadSigningAuthority } from "./signing-authority.ts";

function anotherKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

describe("the platform's own authority", () => {
  let dataDirectory: string;
  beforeEach(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), "xid-authority-"));
  });
  afterEach(() => rm(dataDirectory, { recursive: true }));

  const load = (profile: "sandbox" | "production" = "sandbox") =>
    loadSigningAuthority({ dataDirectory, profile, issuer: "https://id.example" }, Date.now);
  const file = (name: string) => join(dataDirectory, "keys", name);

  it("is made at the first start and the same at every other", async () => {
    const [first, second] = [await load(), await load()];
    expect(second.chain.map(({ der }) => der)).toEqual(first.chain.map(({ der }) => der));
  });

  it("is one authority when two processes start at once", async () => {
    const [one, other] = await Promise.all([load(), load()]);
    expect(one.chain[0].der).toEqual(other.chain[0].der);
  });

  it("goes on without the root's file, which may be kept elsewhere", async () => {
    const { chain } = await load();
    await rm(file("signing-root.json"));
    expect((await load()).chain[1].der).toEqual(chain[1].der);
    expect(await readdir(join(dataDirectory, "keys"))).toEqual(["signing-authority.json"]);
  });

  it("keeps its keys where only its own user reads", async () => {
    await load();
    for (const name of ["signing-root.json", "signing-authority.json"]) {
      expect((await stat(file(name))).mode & 0o777).toBe(0o600);
    }
  });

  it("has a list of its root that names nobody, so that whoever trusts the root alone finds an answer", async () => {
    const { chain, rootList } = await load();
    const [issuing, root] = chain;
    const time = new Date(Date.now() + 9 * 365 * 24 * 3_600_000);
    expect(verifyCrl(rootList, { issuer: root, time }).status(issuing)).toMatchObject({ status: "good" });
  });

  it("never passes for more than it is in a sandbox", async () => {
    expect((await load("sandbox")).chain[0].subject.values("2.5.4.10")).toEqual(["SIM-xID"]);
  });

  it.each<[string, (text: string) => string]>([
    ["cut off", (text) => text.slice(0, -10)],
    ["without its root", (text) => JSON.stringify({ ...JSON.parse(text), chain: JSON.parse(text).chain.slice(0, 1) })],
    ["without the list of its root", (text) => JSON.stringify({ ...JSON.parse(text), rootList: undefined })],
    ["without a key", (text) => JSON.stringify({ ...JSON.parse(text), privateKey: "none" })],
    ["with the key of another authority", (text) => JSON.stringify({ ...JSON.parse(text), privateKey: anotherKey() })],
  ])("does not start from a file %s", async (_, damage) => {
    await load();
    await writeFile(file("signing-authority.json"), damage(await readFile(file("signing-authority.json"), "utf8")));
    await expect(load()).rejects.toThrow();
  });

  describe("issues a device's signing certificate", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const day = 24 * 3600 * 1000;
    const holder = (change: object = {}) => ({
      name: "山田　花子",
      deviceId: "5b0c7a9e-0000-4000-8000-000000000000",
      publicKey,
      notBefore: new Date(),
      notAfter: new Date(Math.floor(Date.now() / 1000) * 1000 + 300 * day),
      ...change,
    });

    it("that stands on a path to the root, names its holder and ends with the card's certificate", async () => {
      const authority = await load("production");
      const der = await issueSigningCertificate(authority, holder());
      const certificate = parseCertificate(der);
      const [issuing, root] = authority.chain;
      const path = verifyPath({ certificate, intermediates: [issuing], anchors: [root], time: new Date() });
      expect(path.anchor.der).toEqual(root.der);
      expect(certificate.subject.values("2.5.4.3")).toEqual(["山田　花子"]);
      expect(certificate.notAfter).toEqual(holder().notAfter);
      expect(new X509Certificate(der).checkIssued(new X509Certificate(issuing.der))).toBe(true);
    });

    it("that issues nothing itself", async () => {
      const certificate = parseCertificate(await issueSigningCertificate(await load(), holder()));
      expect(certificate.extensions.basicConstraints?.ca ?? false).toBe(false);
    });

    it("with a name as long as a certificate holds, cut between characters", async () => {
      const name = "𠮷".repeat(70);
      const certificate = parseCertificate(await issueSigningCertificate(await load(), holder({ name })));
      expect(certificate.subject.values("2.5.4.3")).toEqual(["𠮷".repeat(64)]);
    });

    it("never for longer than the authority itself", async () => {
      const authority = await load();
      const notAfter = new Date(Date.now() + 30 * 365 * day);
      const certificate = parseCertificate(await issueSigningCertificate(authority, holder({ notAfter })));
      expect(certificate.notAfter).toEqual(authority.chain[0].notAfter);
    });

    it("with another serial number each time", async () => {
      const authority = await load();
      const serials = await Promise.all(
        [1, 2, 3].map(async () => parseCertificate(await issueSigningCertificate(authority, holder())).serial),
      );
      expect(new Set(serials).size).toBe(3);
    });
  });
});
