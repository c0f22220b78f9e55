import type { Certificate, CertificateStatus } from "@xid/pki";
import type { CrlClient, RevocationList } from "./crl-client.ts";
import { JpkiError } from "./jpki-error.ts";
import { askOcsp } from "./ocsp-client.ts";
import type { OutageLog } from "./outage-log.ts";

/** What somebody who may know said of a certificate, and the bytes to show for it later. */
export type StatusAnswer = {
  status: Exclude<CertificateStatus, { status: "unknown" }>;
  evidence: { kind: "ocsp"; response: Buffer } | ({ kind: "crl" } & Pick<RevocationList, "der" | "digest">);
};

/**
 * 有効性確認: OCSP first; the revocation list when the responder gives no answer that holds. A responder that does not
 * know the certificate has answered: a list would call such a certificate good. Unknown is not good: throws
 * `STATUS_UNAVAILABLE`. `certificate` must stand on a verified path under `issuer`; its validity in time is not checked.
 */
export async function checkStatus(
  sources: { ocspUrl: string; crl: CrlClient; outages: OutageLog },
  { certificate, issuer, time }: { certificate: Certificate; issuer: Certificate; time: Date },
): Promise<StatusAnswer> {
  try {
    const { ocspUrl, outages } = sources;
    const ask = () => askOcsp(ocspUrl, { certificate, issuer, time });
    const { status, response } = await outages.watch("OCSP", ocspUrl, ask);
    return { status: known(status), evidence: { kind: "ocsp", response } };
  } catch (ocspFailure) {
    if (ocspFailure instanceof JpkiError) throw ocspFailure;
    try {
      const { list, der, digest } = await sources.crl.read(issuer, time);
      return { status: known(list.status(certificate)), evidence: { kind: "crl", der, digest } };
    } catch (crlFailure) {
      if (crlFailure instanceof JpkiError) throw crlFailure;
      const cause = new AggregateError([ocspFailure, crlFailure]);
      throw new JpkiError("STATUS_UNAVAILABLE", "neither OCSP nor a revocation list answers", { cause });
    }
  }
}

function known(status: CertificateStatus): StatusAnswer["status"] {
  if (status.status === "unknown") throw new JpkiError("STATUS_UNAVAILABLE", "the certificate is not known");
  return status;
}
