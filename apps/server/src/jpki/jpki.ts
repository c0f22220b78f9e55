import type { Certificate } from "@xid/pki";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { loadSignatureAnchors } from "./anchors.ts";
import { checkStatus, type StatusAnswer } from "./check-status.ts";
import { CrlClient } from "./crl-client.ts";
import { type CertificateKind, JlisClient, type SerialLinks } from "./jlis-client.ts";
import { OutageLog } from "./outage-log.ts";

/** The outside world of JPKI, as the core sees it. */
export type Jpki = {
  /** The authorities that may issue signature certificates; never empty. */
  readonly signatureAnchors: readonly Certificate[];
  /** 有効性確認 of a signature certificate on a verified path. Throws `JpkiError("STATUS_UNAVAILABLE")`. */
  checkSignatureStatus(certificate: Certificate, issuer: Certificate): Promise<StatusAnswer>;
  /** Which certificates the person behind a serial number has and had. Throws `JpkiError`. */
  readLinks(of: { kind: CertificateKind; serial: string }): Promise<SerialLinks>;
};

/**
 * Loads the anchors and the verifier's key; in the sandbox profile waits for the simulator and registers there.
 * Throws `JpkiError` when there is nobody to trust.
 */
export async function connectJpki(config: Config, clock: () => number, log: Logger): Promise<Jpki> {
  const [signatureAnchors, jlis] = await Promise.all([loadSignatureAnchors(config), JlisClient.open(config)]);
  if (config.profile === "sandbox") await jlis.register();
  const { ocspUrls, crlUrls, jlisUrl } = config.jpki;
  const outages = new OutageLog(log, clock);
  const sources = { ocspUrl: ocspUrls.signature, crl: new CrlClient(crlUrls.signature, outages), outages };
  return {
    signatureAnchors,
    checkSignatureStatus: (certificate, issuer) =>
      checkStatus(sources, { certificate, issuer, time: new Date(clock()) }),
    readLinks: (of) => outages.watch("J-LIS", jlisUrl, () => jlis.links(of)),
  };
}
