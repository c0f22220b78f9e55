import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Certificate, PkiError, parseCertificate } from "@xid/pki";
import type { Config } from "../config.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { JpkiError } from "./jpki-error.ts";

const organization = "2.5.4.10";
const organizationalUnit = "2.5.4.11";
const maxCertificateOctets = 16 * 1024;
const maxFiles = 100;

/** How long a simulator that starts beside us may take, in milliseconds. */
const simulatorPatience = 60_000;

/**
 * The authorities whose signature certificates (署名用電子証明書) are taken: from the trust folder (every generation,
 * DER or PEM), or from the simulator where the sandbox profile has no folder. Those of other kinds are left out.
 *
 * `patience` is for how long a simulator that does not answer yet is waited for, in milliseconds.
 * Throws `SIMULATED_ANCHOR` on a simulated or test authority outside the sandbox profile, `NO_ANCHORS` when nothing
 * remains. That an anchor is still valid is checked with every path.
 */
export async function loadSignatureAnchors(
  config: Pick<Config, "profile" | "trustDirectory" | "jpki">,
  patience = 0,
): Promise<Certificate[]> {
  const certificates = await readAnchors(config, patience);
  for (const certificate of certificates) {
    const names = [certificate.subject, certificate.issuer].flatMap((name) => name.values(organization));
    if (config.profile !== "sandbox" && names.some(isSimulated)) {
      throw new JpkiError("SIMULATED_ANCHOR", `production does not trust ${certificate.subject.toString()}`);
    }
  }
  const anchors = certificates.filter(isForSignature);
  if (anchors.length === 0) throw new JpkiError("NO_ANCHORS", "no trusted authority for signature certificates");
  return anchors;
}

/**
 * The anchors for a certificate: those of the start. The simulator's authority gets a new generation every four years of a
 * clock that can be moved, so in the sandbox profile it is asked again when none of them has issued the certificate.
 */
export async function openSignatureAnchors(
  config: Pick<Config, "profile" | "trustDirectory" | "jpki">,
): Promise<(certificate: Certificate) => Promise<readonly Certificate[]>> {
  let anchors = await loadSignatureAnchors(config, simulatorPatience);
  const isFixed = config.profile !== "sandbox" || config.trustDirectory !== undefined;
  return async (certificate) => {
    if (
      !isFixed &&
      !anchors.some(({ subjectKeyIdentifier }) => subjectKeyIdentifier === certificate.authorityKeyIdentifier)
    ) {
      // When the simulator is not there, the certificate has no anchor and nobody could say its status.
      anchors = await loadSignatureAnchors(config).catch(() => anchors);
    }
    return anchors;
  };
}

/** The simulator's organization is SIM-JPKI, that of the real test cards JPKI-TEST. */
function isSimulated(name: string): boolean {
  return /^SIM-|-TEST$/i.test(name);
}

function isForSignature(certificate: Certificate): boolean {
  return certificate.subject.values(organizationalUnit).includes("JPKI for digital signature");
}

function readAnchors(
  { trustDirectory, jpki }: Pick<Config, "trustDirectory" | "jpki">,
  patience: number,
): Promise<Certificate[]> {
  if (trustDirectory !== undefined) return readTrustDirectory(trustDirectory);
  if (jpki.caUrls) return fetchAnchors(jpki.caUrls.signature, patience);
  throw new JpkiError("NO_ANCHORS", "XID_TRUST_DIR names no folder of trusted authorities");
}

async function readTrustDirectory(directory: string): Promise<Certificate[]> {
  let names: string[];
  try {
    names = (await readdir(directory)).filter((name) => /\.(cer|crt|der|pem)$/i.test(name));
  } catch (cause) {
    throw new JpkiError("NO_ANCHORS", "the trust folder cannot be read", { cause });
  }
  if (names.length > maxFiles) throw new JpkiError("NO_ANCHORS", `more than ${maxFiles} files in the trust folder`);
  return Promise.all(
    names.map(async (name) => {
      try {
        // X509Certificate takes PEM apart; what is trusted is what our own strict parser reads.
        return parseCertificate(new X509Certificate(await readFile(join(directory, name))).raw);
      } catch (cause) {
        throw new JpkiError("NO_ANCHORS", `${name} in the trust folder is not a certificate`, { cause });
      }
    }),
  );
}

/** Every generation of the simulator's authority, in one PEM file. */
async function fetchAnchors(url: string, patience: number): Promise<Certificate[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      const { status, body } = await boundedFetch(url, { timeout: 5000, maxOctets: maxFiles * maxCertificateOctets });
      if (status === 200) return parseChain(body.toString("latin1"));
      throw new RangeError(`status ${status}`);
    } catch (cause) {
      if (cause instanceof PkiError || Date.now() > deadline) {
        throw new JpkiError("NO_ANCHORS", `no certificate authority at ${url}`, { cause });
      }
      await setTimeout(200);
    }
  }
}

function parseChain(pem: string): Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => parseCertificate(new X509Certificate(block).raw));
}
