import { randomBytes } from "node:crypto";
import { buildTimestampRequest, type Certificate, parseTimestampResponse, verifyTimestamp } from "@xid/pki";
import type { Config } from "../config.ts";
import { boundedFetch } from "../jpki/bounded-fetch.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import { OutageLog } from "../jpki/outage-log.ts";
import { fetchCertificates, isSimulatedAuthority, readCertificateFolder } from "../jpki/trusted-certificates.ts";
import type { Platform } from "../platform.ts";

const timeout = 10_000;
const largestAnswer = 256 * 1024;
const largestList = 256 * 1024;

export type Timestamp = {
  /** RFC 3161 token, DER. */
  token: Buffer;
  /** The authority's revocation list at that time, DER. */
  list: Buffer;
  /** By the authority's clock. */
  time: Date;
};

/** Who stamps. */
export type TimestampAuthority = {
  /** A token over a SHA-256 digest, verified before it is given back. Rejects when none can be had. */
  stamp(digest: Uint8Array): Promise<Timestamp>;
  /** The authorities that its certificates are trusted by. */
  roots(): Promise<readonly Certificate[]>;
};

/**
 * The configured authority. Throws `JpkiError`: `NO_ANCHORS`, or `SIMULATED_ANCHOR` where a production start would trust the
 * simulator's. A sandbox asks for the simulator's roots with each stamp, since the authority there is a new one each year.
 */
export async function openTimestampAuthority(
  { profile, evidence }: Pick<Config, "profile" | "evidence">,
  { clock, log, jpki }: Pick<Platform, "clock" | "log" | "jpki">,
): Promise<TimestampAuthority | undefined> {
  const { timestamp } = evidence;
  if (!timestamp) return undefined;
  const { url, listUrl, roots: source } = timestamp;
  const anchorsOf = () =>
    "directory" in source ? readCertificateFolder(source.directory) : fetchCertificates(source.url, 0);
  const fixed = "directory" in source ? await anchorsOf() : undefined;
  if (fixed?.length === 0) throw new JpkiError("NO_ANCHORS", "XID_TSA_TRUST_DIR holds no certificate");
  const simulated = fixed?.find(isSimulatedAuthority);
  if (profile !== "sandbox" && simulated) {
    throw new JpkiError("SIMULATED_ANCHOR", `production does not trust ${simulated.subject.toString()}`);
  }
  const outages = new OutageLog(log, clock);
  const roots = async () => fixed ?? anchorsOf();
  const stamp = async (digest: Uint8Array): Promise<Timestamp> => {
    const nonce = randomBytes(16);
    const answer = await boundedFetch(url, {
      method: "POST",
      headers: { "content-type": "application/timestamp-query" },
      body: new Uint8Array(buildTimestampRequest({ digest, nonce })),
      timeout,
      maxOctets: largestAnswer,
    });
    if (answer.status !== 200) throw new RangeError(`the time-stamping authority answered ${answer.status}`);
    const token = parseTimestampResponse(answer.body);
    const [list, anchors] = await Promise.all([boundedFetch(listUrl, { timeout, maxOctets: largestList }), roots()]);
    if (list.status !== 200) throw new RangeError(`the authority's revocation list answered ${list.status}`);
    const { time } = verifyTimestamp(token, {
      content: () => Buffer.from(digest),
      nonce,
      anchors,
      time: new Date(await jpki.now()),
      revocation: { ocspResponses: [], crls: [list.body], maxAge: 0 },
    });
    return { token, list: list.body, time };
  };
  return { stamp: (digest) => outages.watch("TSA", url, () => stamp(digest)), roots };
}
