import type { Certificate } from "@xid/pki";
import type { Config } from "../config.ts";
import { JpkiError } from "./jpki-error.ts";
import { fetchCertificates, isSimulatedAuthority, readCertificateFolder } from "./trusted-certificates.ts";

const organizationalUnit = "2.5.4.11";

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
    if (config.profile !== "sandbox" && isSimulatedAuthority(certificate)) {
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

function isForSignature(certificate: Certificate): boolean {
  return certificate.subject.values(organizationalUnit).includes("JPKI for digital signature");
}

function readAnchors(
  { trustDirectory, jpki }: Pick<Config, "trustDirectory" | "jpki">,
  patience: number,
): Promise<Certificate[]> {
  if (trustDirectory !== undefined) return readCertificateFolder(trustDirectory);
  if (jpki.caUrls) return fetchCertificates(jpki.caUrls.signature, patience);
  throw new JpkiError("NO_ANCHORS", "XID_TRUST_DIR names no folder of trusted authorities");
}
