import {
  type AskedCertId,
  issueOcspResponse,
  namesAsIssuer,
  type OcspRequest,
  ocspFailure,
  PkiError,
  parseOcspRequest,
} from "@xid/pki";
import type { Platform } from "../platform.ts";

/** How long an answer may be kept, in milliseconds. */
const validity = 600_000;

/**
 * Says of the platform's signing certificates whether they stand: what was issued and not revoked is good, what was not
 * issued is unknown. Its end is in the certificate and is not looked at. DER in, DER out; never throws for its input.
 */
export async function answerOcsp(
  { database, signingAuthority, jpki }: Pick<Platform, "database" | "signingAuthority" | "jpki">,
  der: Uint8Array,
): Promise<Uint8Array> {
  const [issuer] = signingAuthority.chain;
  const request = parse(der);
  if (!request) return ocspFailure("malformedRequest");
  const own = request.certificates.filter((certId) => namesAsIssuer(certId, issuer));
  // RFC 6960 2.3: nothing that this responder may speak for.
  if (own.length === 0) return ocspFailure("unauthorized");
  const rows = await database
    .selectFrom("signing_certificates")
    .select(["serial_number", "revoked_at"])
    .where(
      "serial_number",
      "in",
      own.map(({ serialNumber }) => serialNumber),
    )
    .execute();
  const statusOf = (certId: AskedCertId) => {
    const row = own.includes(certId) && rows.find(({ serial_number }) => serial_number.equals(certId.serialNumber));
    if (!row) return "unknown";
    return row.revoked_at ? ({ at: row.revoked_at, reason: "superseded" } as const) : "good";
  };
  const now = await jpki.now();
  const [thisUpdate, nextUpdate] = [new Date(now), new Date(now + validity)];
  return issueOcspResponse(request, { issuer, statusOf, thisUpdate, nextUpdate }, signingAuthority.signer);
}

function parse(der: Uint8Array): OcspRequest | undefined {
  try {
    return parseOcspRequest(der);
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}
