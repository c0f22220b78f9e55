import { type Certificate, parseCertificate } from "@xid/pki";
import { deviceContext } from "../identity/devices.ts";
import type { Platform } from "../platform.ts";

/**
 * The xID signing certificate of a device, when it stands now: the newest of the device, not revoked, not at its end.
 * Undefined when it does not. Whether the card's certificate behind the account stands is not looked at.
 */
export async function readGoodCertificate(
  { database, sealer, jpki }: Pick<Platform, "database" | "sealer" | "jpki">,
  { accountId, deviceId }: { accountId: string; deviceId: string },
): Promise<Certificate | undefined> {
  const device = await database
    .selectFrom("devices")
    .select("signing_certificate_sealed")
    .where("account_id", "=", accountId)
    .where("device_id", "=", deviceId)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (!device) return undefined;
  const context = deviceContext("signing_certificate_sealed", accountId, deviceId);
  const certificate = parseCertificate(sealer.open(context, device.signing_certificate_sealed));
  const issued = await database
    .selectFrom("signing_certificates")
    .select("revoked_at")
    .where("serial_number", "=", certificate.serialNumber)
    .executeTakeFirst();
  const now = await jpki.now();
  const isValid = certificate.notBefore.getTime() <= now && now <= certificate.notAfter.getTime();
  return issued && issued.revoked_at === null && isValid ? certificate : undefined;
}
