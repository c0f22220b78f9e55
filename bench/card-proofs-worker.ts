// Verifies card proofs for so many seconds and prints how many, and what CPU time they took.
// `proof` is what the platform does with a card: parse the certificate, path to the CA, signature over the statement.
// `x509` is the same with node:crypto's own certificate class, which looks at neither policies nor path nor extensions.
// `raw` is what no verifier can leave out: the two RSA verifications, with both keys at hand.

import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { jpkiPolicies, parseCertificate, verifyPath, verifySignature } from "@xid/pki";
import type { CardProofs } from "./card-proofs.ts";

/** `done` of a single thread or of all of them together. */
export type ProofRate = { done: number; cpuSeconds: number; wallSeconds: number };

const [mode, seconds, file, threads] = process.argv.slice(2) as [string, string, string, string];
const { anchor, proofs } = JSON.parse(readFileSync(file, "utf8")) as CardProofs;
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

const modes: Record<string, () => (() => void)[]> = { proof: verifyProofs, x509: verifyX509, raw: verifyRaw };

if (!isMainThread) parentPort?.postMessage(work());
else if (threads === "1") print(work());
else {
  const workers = Array.from(
    { length: Number(threads) },
    () => new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) }),
  );
  const rates = (await Promise.all(workers.map((worker) => once(worker, "message")))).map(
    ([rate]) => rate as ProofRate,
  );
  const { cpuSeconds } = rates[0]!;
  print({
    done: rates.reduce((sum, { done }) => sum + done, 0),
    cpuSeconds,
    wallSeconds: Math.max(...rates.map(({ wallSeconds }) => wallSeconds)),
  });
}

function print(rate: ProofRate): void {
  process.stdout.write(JSON.stringify(rate));
}

function work(): ProofRate {
  const verifications = modes[mode]?.() ?? [];
  for (let warmUp = 0; warmUp < 3000; warmUp++) verifications[warmUp % verifications.length]?.();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + Number(seconds) * 1000;
  let done = 0;
  while (performance.now() < end) {
    for (let repeat = 0; repeat < 20; repeat++) verifications[done++ % verifications.length]?.();
  }
  const { user, system } = process.cpuUsage(cpu);
  return { done, cpuSeconds: (user + system) / 1e6, wallSeconds: (performance.now() - began) / 1000 };
}

function verifyProofs(): (() => void)[] {
  const anchors = [parseCertificate(bytes(anchor))];
  const requiredPolicies = [jpkiPolicies.signature];
  const time = new Date();
  return proofs.map((proof) => {
    const [der, data, signature] = [bytes(proof.certificate), bytes(proof.message), bytes(proof.signature)];
    return () => {
      const certificate = verifyPath({ certificate: parseCertificate(der), anchors, time, requiredPolicies });
      verifySignature({ certificate, algorithm: "RS256", data, signature });
    };
  });
}

function verifyX509(): (() => void)[] {
  const authority = new X509Certificate(bytes(anchor)).publicKey;
  return proofs.map((proof) => {
    const [der, message, signature] = [bytes(proof.certificate), bytes(proof.message), bytes(proof.signature)];
    return () => {
      const certificate = new X509Certificate(der);
      if (!certificate.verify(authority)) throw new Error("a certificate's signature does not match");
      check(message, certificate.publicKey, signature);
    };
  });
}

function verifyRaw(): (() => void)[] {
  const authority = new X509Certificate(bytes(anchor)).publicKey;
  return proofs.map((proof) => {
    const der = bytes(proof.certificate);
    const holder = new X509Certificate(der).publicKey;
    const { signed, signature } = splitCertificate(der);
    const [message, messageSignature] = [bytes(proof.message), bytes(proof.signature)];
    return () => {
      check(signed, authority, signature);
      check(message, holder, messageSignature);
    };
  });
}

function check(data: Uint8Array, key: KeyObject, signature: Uint8Array): void {
  if (!verify("sha256", data, key, signature)) throw new Error("a signature does not match");
}

/** The signed part of a certificate and the signature, which is the last 256 bytes of one signed with RSA-2048. */
function splitCertificate(der: Uint8Array): { signed: Uint8Array; signature: Uint8Array } {
  const length = 4 + (der[6]! << 8) + der[7]!;
  return { signed: der.subarray(4, 4 + length), signature: der.subarray(-256) };
}
