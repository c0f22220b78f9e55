import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCertificate } from "./certificate.ts";
import { verifyCrlStream } from "./crl-stream.ts";
import { jpkiPolicies, parseJpkiAuthenticationCertificate, parseJpkiSignatureCertificate } from "./jpki-profile.ts";
import { verifyOcspResponse } from "./ocsp.ts";
import { verifyPath } from "./path.ts";
import { PkiError } from "./pki-error.ts";
import { hasOpenssl, inFolder, pem } from "./testing/openssl.ts";
import { verifyCrl } from "./verified-crl.ts";

type Vector = { id: string; expect: Record<string, string>; der: string };

type VectorFile = {
  time: string;
  anchor: string;
  certificate: string;
  nonce: string;
  maxAge: number;
  vectors: Vector[];
};

const folder = new URL("../../../vectors/jpki/", import.meta.url);
const read = (name: string): VectorFile => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
const [certificates, crls, ocsp] = [read("certificates"), read("crls"), read("ocsp")];
const bytes = (base64: string): Buffer => Buffer.from(base64, "base64");
const issuer = parseCertificate(bytes(certificates.anchor));
const certificate = parseCertificate(bytes(crls.certificate));
const time = new Date(certificates.time);

function readCertificate(der: Buffer): Record<string, string> {
  const parsed = parseCertificate(der);
  const kind =
    parsed.policies[0] === jpkiPolicies.authentication && parsed.extensions.keyUsage === 1
      ? "authentication"
      : "signature";
  verifyPath({ certificate: parsed, anchors: [issuer], time, requiredPolicies: [jpkiPolicies[kind]] });
  if (kind === "signature") parseJpkiSignatureCertificate(parsed);
  else parseJpkiAuthenticationCertificate(parsed);
  return { kind };
}

const readCrl = (der: Buffer) => verifyCrl(der, { issuer, time }).status(certificate);

const readCrlStream = async (der: Buffer) =>
  (await verifyCrlStream([der.subarray(0, 100), der.subarray(100)], { issuer, time, maxOctets: 1e6 })).status(
    certificate,
  );

const readOcsp = (der: Buffer) =>
  verifyOcspResponse(der, { certificate, issuer, time, maxAge: ocsp.maxAge, nonce: Buffer.from(ocsp.nonce, "hex") });

/** What came of it, in the words of the vectors. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(await work()));
  } catch (error) {
    if (error instanceof PkiError) return { code: error.code };
    throw error;
  }
}

describe.each([
  ["certificates", certificates.vectors, readCertificate],
  ["revocation lists", crls.vectors, readCrl],
  ["revocation lists as a stream", crls.vectors, readCrlStream],
  ["OCSP answers", ocsp.vectors, readOcsp],
] as const)("vectors of %s", (_, vectors, verify) => {
  test.each(vectors)("$id", async ({ expect: expected, der }) => {
    expect(await outcome(() => verify(bytes(der)))).toMatchObject(expected);
  });

  test("have ids of their own, and good ones", () => {
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
    for (const { id, expect: expected } of vectors) expect("code" in expected).toBe(!id.startsWith("good/"));
  });
});

describe.runIf(hasOpenssl)("OpenSSL", () => {
  const anchor = pem("CERTIFICATE", bytes(certificates.anchor));
  const good = (file: VectorFile): Vector[] => file.vectors.filter(({ id }) => id.startsWith("good/"));
  const at = String(time.getTime() / 1000);

  test("verifies the good certificates", () => {
    for (const { der } of good(certificates)) {
      const said = inFolder({ "ca.pem": anchor, "leaf.pem": pem("CERTIFICATE", bytes(der)) }, (openssl) =>
        openssl(
          "verify",
          "-attime",
          at,
          "-CAfile",
          "ca.pem",
          "-policy_check",
          "-explicit_policy",
          ...policies,
          "leaf.pem",
        ),
      );
      expect(said.toString()).toContain("leaf.pem: OK");
    }
  });

  test("verifies the good revocation lists and finds the same entries", () => {
    for (const { id, der, expect: expected } of good(crls)) {
      const files = { "ca.pem": anchor, "list.der": bytes(der) };
      const text = inFolder(files, (openssl) => {
        openssl("crl", "-inform", "DER", "-in", "list.der", "-CAfile", "ca.pem", "-noout");
        return openssl("crl", "-inform", "DER", "-in", "list.der", "-noout", "-text").toString();
      });
      const serial = certificate.serial.toUpperCase();
      expect(text.includes(`Serial Number: ${serial}\n`), id).toBe(expected.status === "revoked");
    }
  });

  test("says of the good OCSP answers what they say", () => {
    for (const { id, der, expect: expected } of good(ocsp)) {
      const files = { "ca.pem": anchor, "leaf.pem": pem("CERTIFICATE", certificate.der), "answer.der": bytes(der) };
      const algorithm = id === "good/sha-256-in-the-question" ? ["-sha256"] : [];
      const said = inFolder(files, (openssl) =>
        openssl(
          ...["ocsp", "-respin", "answer.der", "-issuer", "ca.pem", ...algorithm, "-cert", "leaf.pem", "-no_nonce"],
          ...["-CAfile", "ca.pem", "-attime", at, "-validity_period", "2000000000"],
        ),
      );
      expect(said.toString()).toContain(`leaf.pem: ${expected.status}`);
    }
  });

  const policies = [jpkiPolicies.signature, jpkiPolicies.authentication].flatMap((policy) => ["-policy", policy]);
});
