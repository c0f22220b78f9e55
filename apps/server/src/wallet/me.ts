import type { Me } from "@xid/protocol";
import { readAccountState } from "../identity/account-state.ts";
import { checkCertificateStanding } from "../identity/certificate-standing.ts";
import type { Device } from "../identity/device.ts";
import { activeDevices } from "../identity/devices.ts";
import type { Platform } from "../platform.ts";

/** What the platform knows of the device's holder, for that holder. Throws `JpkiError` when the status is unknown. */
export async function presentMe(platform: Platform, { accountId, deviceId }: Device): Promise<Me> {
  const [{ attributes, certificate }, devices] = await Promise.all([
    readAccountState(platform, accountId),
    activeDevices(platform, accountId),
  ]);
  const { status } = await checkCertificateStanding(platform, certificate);
  const { name, birthdate, gender, address } = attributes;
  return {
    attributes: { name, birthdate, gender, address },
    certificate: { status, expiresAt: Math.floor(certificate.notAfter.getTime() / 1000) },
    devices: devices.map((device) => ({
      deviceId: `${accountId}.${device.deviceId}`,
      name: device.name,
      enrolledAt: device.enrolledAt,
      current: device.deviceId === deviceId,
    })),
  };
}
