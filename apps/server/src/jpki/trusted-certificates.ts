import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Certificate, PkiError, parseCertificate } from "@xid/pki";
import { boundedFetch } from "./bounded-fetch.ts";
import { JpkiError } from "./jpki-error.ts";

const organization = "2.5.4.10";
const maxCertificateOctets = 16 * 1024;
const maxFiles = 100;

/** The simulator's organizations are SIM-JPKI and SIM-TSA, that of the real test cards JPKI-TEST. */
export function isSimulatedAuthority({ subject, issuer }: Certificate): boolean {
  return [subject, issuer].flatMap((name) => name.values(organization)).some((name) => /^SIM-|-TEST$/i.test(name));
}

/** The certificates of a folder, DER or PEM, one in a file. Throws `NO_ANCHORS` on what is none. */
export async function readCertificateFolder(directory: string): Promise<Certificate[]> {
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

/** All certificates of one PEM file at an address. A server that does not answer yet is waited for: `patience`, milliseconds. */
export async function fetchCertificates(url: string, patience: number): Promise<Certificate[]> {
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
