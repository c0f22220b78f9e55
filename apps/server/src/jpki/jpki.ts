import type { Certificate } from "@xid/pki";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { openSignatureAnchors } from "./anchors.ts";
import { checkStatus, type StatusAnswer } from "./check-status.ts";
import { CrlClient } from "./crl-client.ts";
import { type CertificateName, JlisClient, type SerialLinks } from "./jlis-client.ts";
import { OutageLog } from "./outage-log.ts";

/** The outside world of JPKI, as the core sees it. */
export type Jpki = {
  /** The authorities that may have issued a signature certificate; never empty. */
  signatureAnchors(certificate: Certificate): Promise<readonly Certificate[]>;
  /**
   * Milliseconds since 1970 by the clock that certificates, answers about them and dates of attributes and evidence go
   * by: the machine's; in the sandbox profile the simulated Japan's, which can be ahead.
   */
  now(): Promise<number>;
  /** 有効性確認 of a signature certificate on a verified path. Throws `JpkiError("STATUS_UNAVAILABLE")`. */
  checkSignatureStatus(certificate: Certificate, issuer: Certificate): Promise<StatusAnswer>;
  /** Our id at J-LIS, which consents name. */
  readonly verifierId: string;
  /** Which certificates the person behind a serial number has and had. Throws `JpkiError`. */
  readLinks(of: CertificateName): Promise<SerialLinks>;
  /** What else a registered verifier may ask of J-LIS, about many people at once. */
  readonly jlis: JlisClient;
};

/**
 * Loads the anchors and the verifier's key; in the sandbox profile waits for the simulator and registers there, which hands
 * out the addresses of OCSP responder and revocation lists where the settings name none.
 * Throws `JpkiError` when there is nobody to trust.
 */
export async function connectJpki(config: Config, clock: () => number, log: Logger): Promise<Jpki> {
  const [signatureAnchors, jlis] = await Promise.all([openSignatureAnchors(config), JlisClient.open(config)]);
  const registered = config.profile === "sandbox" ? await jlis.register() : undefined;
  const now = await openClock(config, clock);
  const { ocspUrls, crlUrls, jlisUrl } = config.jpki;
  const outages = new OutageLog(log, clock);
  const ocspUrl = ocspUrls.signature ?? `${registered?.jpkiUrl}/ocsp/signature`;
  const crl = new CrlClient(crlUrls.signature ?? `${registered?.jpkiUrl}/crl/signature`, outages);
  const sources = { ocspUrl, crl, outages };
  return {
    signatureAnchors,
    now,
    checkSignatureStatus: async (certificate, issuer) =>
      checkStatus(sources, { certificate, issuer, time: new Date(await now()) }),
    verifierId: jlis.verifierId,
    jlis,
    readLinks: (of) => outages.watch("J-LIS", jlisUrl, () => jlis.links(of)),
  };
}

/** In production nothing but the machine's clock: there the one that follows the sandbox is not even loaded. */
export async function openClock({ jpki }: Config, clock: () => number): Promise<Jpki["now"]> {
  if (jpki.clockUrl === undefined) return async () => clock();
  const { followSandboxClock } = await import("./sandbox-clock.ts");
  return followSandboxClock(jpki.clockUrl, clock);
}
