import { createHash } from "node:crypto";
import { type Certificate, type VerifiedCrl, verifyCrl } from "@xid/pki";
import { boundedFetch } from "./bounded-fetch.ts";
import type { OutageLog } from "./outage-log.ts";

const timeout = 30_000;
/** About three million entries. */
const maxOctets = 128 * 1024 * 1024;

export type RevocationList = { list: VerifiedCrl; der: Buffer; digest: Buffer };

/**
 * The folder of an authority's revocation lists: generations of one name have lists of their own, so each stands there under
 * the issuer's subject key identifier, `<hex>.crl`. A list is kept until its nextUpdate; callers that come while it is being
 * fetched share that fetch.
 */
export class CrlClient {
  readonly #url: string;
  readonly #outages: OutageLog;
  readonly #kept = new Map<string, RevocationList>();
  readonly #fetching = new Map<string, Promise<RevocationList>>();

  constructor(url: string, outages: OutageLog) {
    this.#url = url;
    this.#outages = outages;
  }

  /** The current list of `issuer`, verified. Rejects with `PkiError`, or with the cause when none can be had. */
  async read(issuer: Certificate, time: Date): Promise<RevocationList> {
    const key = `${issuer.subject.toString()} ${issuer.subjectKeyIdentifier}`;
    const kept = this.#kept.get(key);
    if (kept && time < kept.list.nextUpdate) return kept;
    const running = this.#fetching.get(key) ?? this.#fetch(issuer, time);
    this.#fetching.set(key, running);
    try {
      const fetched = await running;
      this.#kept.set(key, fetched);
      return fetched;
    } finally {
      this.#fetching.delete(key);
    }
  }

  async #fetch(issuer: Certificate, time: Date): Promise<RevocationList> {
    const file = issuer.extensions.subjectKeyIdentifier?.toString("hex");
    if (file === undefined) throw new RangeError("the issuer has no key identifier to find its revocation list by");
    const address = `${this.#url}/${file}.crl`;
    return this.#outages.watch("CRL", address, async () => {
      const { status, body } = await boundedFetch(address, { timeout, maxOctets });
      if (status !== 200) throw new RangeError(`the revocation list's address answered ${status}`);
      const list = verifyCrl(body, { issuer, time });
      return { list, der: body, digest: createHash("sha256").update(body).digest() };
    });
  }
}
