// Verifies card proofs for so many seconds, pinned to one core by whoever starts it, and prints how many it did.
// `proof` is what the platform does with a card: parse the certificate, path to the CA, signature over the statement.
// `x509` is the same with node:crypto's own certificate class, which looks at neither policies nor path nor extensions.
// `raw` is what no verifier can leave out: the two RSA verifications, with both keys at hand.
import { type KeyObject, verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { jpkiPolicies, parseCertificate, verifyPath, verifySignature } from "@xid/pki";
import type { CardProofs } from "./card-proofs.ts";

const [mode, seconds, file] = process.argv.slice(2) as [string, string, string];
const { anchor, proofs } = JSON.parse(readFileSync(file, "utf8")) as CardProofs;
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

const modes: Record<string, () => (() => void)[]> = { proof: verifyProofs, x509: verifyX509, raw: verifyRaw };
const work = modes[mode]?.() ?? [];
const end = performance.now() + Number(seconds) * 1000;
const began = performance.now();
let done = 0;
while (performance.now() < end) {
  for (let repeat = 0; repeat < 20; repeat++) work[done++ % work.length]?.();
}
process.stdout.write(JSON.stringify({ perSecond: (done * 1000) / (performance.now() - began) }));

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
