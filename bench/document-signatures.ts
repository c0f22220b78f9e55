import { sign, verify } from "node:crypto";
import { buildSignedData, signPdf, verifyCms, verifyPdf } from "@xid/pki";
import { name, now, rsaKeyPair, signatureUsage, TestAuthority, testPdf } from "@xid/pki/testing";
import type { Benchmark } from "./benchmark.ts";
import { median } from "./median.ts";

const content = Buffer.alloc(1024, 7);

/** CMS signatures over 1 KiB and signatures of a 100 kB PDF per second of CPU, RSA-2048, made and verified, in this process. */
export const documentSignatures: Benchmark = async ({ runs, seconds, say }) => {
  const root = new TestAuthority({ keys: rsaKeyPair(), name: name(["2.5.4.3", "root"]) });
  const { publicKey, privateKey } = rsaKeyPair();
  const subject = name(["2.5.4.3", "signer"]);
  const certificate = root.issue({ subject, publicKey, extensions: [signatureUsage] });
  const by = {
    certificate: certificate.der,
    algorithm: "RS256" as const,
    sign: async (bytes: Uint8Array) => sign("sha256", bytes, privateKey),
    signingTime: now,
  };
  const pdf = testPdf("x".repeat(100_000));
  const signature = sign("sha256", content, privateKey);
  const cms = await buildSignedData({ ...by, content, detached: true });
  const signed = await signPdf(pdf, by);
  const revocation = { ocspResponses: [], crls: [root.crl({})], maxAge: 1 };
  const trust = { anchors: [root.certificate], timestampAnchors: [], time: now, revocation };
  const measured = [
    ["CMS signature made", "sign", () => buildSignedData({ ...by, content, detached: true })],
    ["CMS signature verified", "verify", () => verifyCms(cms, { content })],
    ["PDF of 100 kB signed", "sign", () => signPdf(pdf, by)],
    ["PDF of 100 kB verified, with path and revocation list", "verify", () => verifyPdf(signed, trust)],
  ] as const;
  const bare = {
    sign: () => sign("sha256", content, privateKey),
    verify: () => verify("sha256", content, publicKey, signature),
  };
  const results = [];
  for (const [what, against, work] of measured) {
    const [own, reference]: [number[], number[]] = [[], []];
    for (let number = 0; number < runs; number++) {
      own.push(await perCpuSecond(seconds, work));
      reference.push(await perCpuSecond(seconds, bare[against]));
      say(`run ${number + 1}: ${what} ${own.at(-1)?.toFixed(0)}, crypto.${against} ${reference.at(-1)?.toFixed(0)}`);
    }
    const one = { what: `crypto.${against} of 1 KiB with the same key`, value: median(reference) };
    results.push({ what, value: median(own), unit: "per CPU-s", runs: own, reference: one });
  }
  return results;
};

async function perCpuSecond(seconds: number, work: () => unknown): Promise<number> {
  const begin = process.cpuUsage();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  for (; performance.now() < end; count++) await work();
  const { user, system } = process.cpuUsage(begin);
  return count / ((user + system) / 1e6);
}
