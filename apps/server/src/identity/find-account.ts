import type { CertificateKind, SerialLinks } from "../jpki/jlis-client.ts";
import { JpkiError } from "../jpki/jpki-error.ts";
import type { Platform } from "../platform.ts";
import type { Database, DatabaseTransaction } from "../store/database.ts";
import { IdentityError } from "./identity-error.ts";
import { serialLookup } from "./stored-certificate.ts";

/** A certificate that J-LIS says is or was this person's. */
export type NamedCertificate = { kind: CertificateKind; serial: string; status: string; lookup: Buffer };

/**
 * Every certificate of the person whose signature certificate has just proven itself, that one first, as J-LIS names
 * them. Throws `IdentityError("JLIS_UNAVAILABLE")`.
 */
export async function readPersonCertificates(
  platform: Pick<Platform, "jpki" | "sealer">,
  provenSerial: string,
): Promise<NamedCertificate[]> {
  const links = await askLinks(platform, provenSerial);
  const named = (kind: CertificateKind, serial: string, status: string): NamedCertificate => ({
    kind,
    serial,
    status,
    lookup: serialLookup(platform, kind, serial),
  });
  const all = [
    named("signature", provenSerial, "good"),
    ...links.current.map(({ kind, serial, status }) => named(kind, serial, status)),
    ...links.previous.map(({ kind, serial }) => named(kind, serial, "unknown")),
  ];
  return all.filter((one, index) => all.findIndex((other) => other.lookup.equals(one.lookup)) === index);
}

async function askLinks({ jpki }: Pick<Platform, "jpki">, serial: string): Promise<SerialLinks> {
  try {
    return await jpki.readLinks({ kind: "signature", serial });
  } catch (cause) {
    if (cause instanceof JpkiError) throw new IdentityError("JLIS_UNAVAILABLE", cause.message, { cause });
    throw cause;
  }
}

/** The account that a person's certificates lead to; undefined for somebody new. Throws `ACCOUNT_CONFLICT`. */
export async function findAccount(
  database: Database | DatabaseTransaction,
  certificates: readonly NamedCertificate[],
): Promise<string | undefined> {
  const lookups = certificates.map(({ lookup }) => lookup);
  const rows = await database
    .selectFrom("certificate_accounts")
    .select("account_id")
    .distinct()
    .where("serial_lookup", "in", lookups)
    .execute();
  if (rows.length > 1) throw new IdentityError("ACCOUNT_CONFLICT", "certificates of one person lead to two accounts");
  return rows[0]?.account_id;
}
