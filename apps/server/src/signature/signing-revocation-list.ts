import { issueCrl } from "@xid/pki";
import type { Platform } from "../platform.ts";

/** Milliseconds after which a revocation is in the list at the latest. A list of 100,000 takes this process half a second. */
const renewal = 300_000;
const day = 24 * 3600 * 1000;

export type PublishedList = { der: Uint8Array /** Milliseconds since 1970 */; renewedAt: number };

/** The revocation list of the platform's signing certificates, made anew when somebody asks and it is five minutes old. */
export class SigningRevocationList {
  readonly #platform: Pick<Platform, "database" | "signingAuthority" | "jpki">;
  #current: PublishedList | undefined;
  #issuing: Promise<PublishedList> | undefined;

  constructor(platform: Pick<Platform, "database" | "signingAuthority" | "jpki">) {
    this.#platform = platform;
  }

  async read(): Promise<PublishedList> {
    const now = await this.#platform.jpki.now();
    if (this.#current && this.#current.renewedAt > now - renewal) return this.#current;
    this.#issuing ??= this.#issue(now).finally(() => {
      this.#issuing = undefined;
    });
    this.#current = await this.#issuing;
    return this.#current;
  }

  async #issue(now: number): Promise<PublishedList> {
    const { database, signingAuthority } = this.#platform;
    const rows = await database
      .selectFrom("signing_certificates")
      .select(["serial_number", "revoked_at"])
      .where("revoked_at", "is not", null)
      // RFC 5280 3.3: an entry stays for one list beyond the certificate's end.
      .where("not_after", ">", new Date(now - day))
      .execute();
    const der = await issueCrl(
      {
        issuer: signingAuthority.chain[0],
        // Grows in every process alike.
        number: BigInt(now),
        thisUpdate: new Date(now),
        nextUpdate: new Date(now + day),
        revoked: rows.map(({ serial_number: serialNumber, revoked_at: at }) => ({
          serialNumber,
          at: at as Date,
          reason: "superseded",
        })),
      },
      signingAuthority.signer,
    );
    return { der, renewedAt: now };
  }
}
