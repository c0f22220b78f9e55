import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCertificate, keySigner, keyUsage, parseCertificate } from "@xid/pki";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Config, readConfig } from "../config.ts";
import { startSandbox } from "../test-world.ts";
import { loadSignatureAnchors } from "./anchors.ts";

const forSignature = "JPKI for digital signature";

/** A root as somebody might put it into the folder. */
function makeRoot({
  organization = "JPKI",
  unit = forSignature,
  issuer,
}: {
  organization?: string;
  unit?: string;
  issuer?: string;
} = {}) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const second = Math.floor(Date.now() / 1000) * 1000;
  const common = {
    serialNumber: randomBytes(16),
    notBefore: new Date(second),
    notAfter: new Date(second + 3_600_000),
    keyUsage: keyUsage.keyCertSign | keyUsage.cRLSign,
    ca: {},
  };
  const names = (o: string) => [{ type: "C", value: "JP" } as const, { type: "O", value: o } as const];
  const unitName = { type: "OU", value: unit } as const;
  const self = { ...common, issuer: "self", subject: [...names(issuer ?? organization), unitName], publicKey } as const;
  const root = issueCertificate(self, keySigner(privateKey));
  if (issuer === undefined) return root;
  const { publicKey: other } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return root.then((der) =>
    issueCertificate(
      { ...common, issuer: parseCertificate(der), subject: [...names(organization), unitName], publicKey: other },
      keySigner(privateKey),
    ),
  );
}

describe("the authorities that are trusted", () => {
  let sandboxUrl: string;
  let simulated: Buffer;
  let simulatedForAuthentication: Buffer;
  let directory: string;
  let directories: string[] = [];

  beforeAll(async () => {
    sandboxUrl = await startSandbox();
    const read = async (path: string) => Buffer.from(await (await fetch(`${sandboxUrl}${path}`)).arrayBuffer());
    simulated = await read("/jpki/ca/signature.cer");
    simulatedForAuthentication = await read("/jpki/ca/authentication.cer");
  });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "xid-trust-"));
    directories.push(directory);
  });
  afterAll(async () => {
    await Promise.all(directories.map((one) => rm(one, { recursive: true })));
    directories = [];
  });

  const sandbox = (): Config => readConfig({ XID_PROFILE: "sandbox", XID_SANDBOX_URL: sandboxUrl });
  const production = (): Config =>
    readConfig({
      XID_ISSUER: "https://id.example",
      XID_APP_URL: "https://app.example",
      XID_TRUST_DIR: directory,
      XID_OCSP_SIGNATURE_URL: "http://ocsp.example",
      XID_OCSP_AUTHENTICATION_URL: "http://ocsp.example",
      XID_CRL_SIGNATURE_URL: "http://crl.example",
      XID_CRL_AUTHENTICATION_URL: "http://crl.example",
      XID_JLIS_URL: "https://jlis.example",
    });

  it("is the simulator's in the sandbox, in every generation", async () => {
    const anchors = await loadSignatureAnchors(sandbox());
    expect(anchors.map(({ der }) => der)).toContainEqual(simulated);
    expect(anchors.length).toBeGreaterThan(1);
    expect(new Set(anchors.map(({ subject }) => subject.toString())).size).toBe(1);
  });

  it("is every signature authority in the folder, DER or PEM, in production", async () => {
    const [der, other] = [await makeRoot(), await makeRoot()];
    await writeFile(join(directory, "2016.cer"), der);
    await writeFile(join(directory, "2025.pem"), new X509Certificate(other).toString());
    await writeFile(join(directory, "README.txt"), "not a certificate");
    expect(await loadSignatureAnchors(production())).toHaveLength(2);
  });

  it("is only who issues signature certificates", async () => {
    await writeFile(join(directory, "signature.cer"), await makeRoot());
    await writeFile(join(directory, "authentication.cer"), await makeRoot({ unit: "JPKI for user authentication" }));
    expect(await loadSignatureAnchors(production())).toHaveLength(1);
  });

  it("refuses the simulator in production, beside a real one, too", async () => {
    await writeFile(join(directory, "real.cer"), await makeRoot());
    await writeFile(join(directory, "simulated.cer"), simulated);
    await expect(loadSignatureAnchors(production())).rejects.toMatchObject({ code: "SIMULATED_ANCHOR" });
  });

  it("refuses a simulated authority for other certificates, too: somebody has mixed up their folders", async () => {
    await writeFile(join(directory, "real.cer"), await makeRoot());
    await writeFile(join(directory, "simulated.cer"), simulatedForAuthentication);
    await expect(loadSignatureAnchors(production())).rejects.toMatchObject({ code: "SIMULATED_ANCHOR" });
  });

  it.each([
    ["of the test cards", { organization: "JPKI-TEST" }],
    ["that says so in small letters", { organization: "sim-jpki" }],
    ["that somebody else signed", { organization: "SIM-JPKI", issuer: "JPKI" }],
    ["that a simulated one signed", { organization: "JPKI", issuer: "SIM-JPKI" }],
  ])("refuses an authority %s in production", async (_, names) => {
    await writeFile(join(directory, "ca.cer"), await makeRoot(names));
    await expect(loadSignatureAnchors(production())).rejects.toMatchObject({ code: "SIMULATED_ANCHOR" });
  });

  it.each<[string, () => Promise<void>]>([
    ["an empty folder", async () => undefined],
    ["no folder", () => rm(directory, { recursive: true }).then(() => void directories.pop())],
    ["a file that is no certificate", () => writeFile(join(directory, "ca.cer"), "certificate")],
    [
      "no authority for signatures",
      async () => writeFile(join(directory, "ca.cer"), await makeRoot({ unit: "JPKI for user authentication" })),
    ],
  ])("is an error with %s", async (_, prepare) => {
    await prepare();
    await expect(loadSignatureAnchors(production())).rejects.toMatchObject({ code: "NO_ANCHORS" });
  });

  it("is an error when production names no folder", async () => {
    const config = { ...production(), trustDirectory: undefined };
    await expect(loadSignatureAnchors(config)).rejects.toMatchObject({ code: "NO_ANCHORS" });
  });

  it("is never the simulator's address in production, whatever the settings say", () => {
    expect(production().jpki.caUrls).toBeUndefined();
  });
});
