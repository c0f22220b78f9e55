import type { Me } from "@xid/protocol";
import { readJlisConsent } from "../continuity/jlis-consent.ts";
import { readAccountState } from "../identity/account-state.ts";
import { checkCertificateStanding } from "../identity/certificate-standing.ts";
import { activeDevices } from "../identity/devices.ts";
import { device, type Endpoint } from "./endpoint.ts";

/** What the platform knows of the device's holder, for that holder: `Me`. */
export const getMe: Endpoint = async (platform, call) => {
  const { accountId, deviceId } = device(call);
  const [{ attributes, certificate }, devices, jlisConsent] = await Promise.all([
    readAccountState(platform, accountId),
    activeDevices(platform, accountId),
    readJlisConsent(platform, accountId),
  ]);
  const { status } = await checkCertificateStanding(platform, certificate);
  const { name, birthdate, gender, address } = attributes;
  return call.json({
    attributes: { name, birthdate, gender, address },
    jlisConsent,
    certificate: { status, expiresAt: Math.floor(certificate.notAfter.getTime() / 1000) },
    devices: devices.map((other) => ({
      deviceId: `${accountId}.${other.deviceId}`,
      name: other.name,
      enrolledAt: other.enrolledAt,
      current: other.deviceId === deviceId,
    })),
  } satisfies Me);
};
