import type { Platform } from "../platform.ts";
import type { DatabaseTransaction } from "../store/database.ts";

export type ActiveDevice = { deviceId: string; name: string; enrolledAt: number };

/** The devices of an account that are not revoked, oldest first, without the given one. */
export async function activeDevices(
  { database, sealer }: Pick<Platform, "database" | "sealer">,
  accountId: string,
  exceptDeviceId?: string,
): Promise<ActiveDevice[]> {
  const rows = await database
    .selectFrom("devices")
    .select(["device_id", "name_sealed", "enrolled_at"])
    .where("account_id", "=", accountId)
    .where("revoked_at", "is", null)
    .orderBy("enrolled_at")
    .execute();
  return rows
    .filter((row) => row.device_id !== exceptDeviceId)
    .map((row) => ({
      deviceId: row.device_id,
      name: sealer.open(deviceContext("name_sealed", accountId, row.device_id), row.name_sealed).toString("utf8"),
      enrolledAt: Math.floor(row.enrolled_at.getTime() / 1000),
    }));
}

/** Revokes exactly these devices and their signing certificates; answers how many devices were still active. */
export async function revokeDevices(
  tx: DatabaseTransaction,
  accountId: string,
  deviceIds: readonly string[],
  { at, because }: { at: Date; because: "replaced" },
): Promise<number> {
  if (deviceIds.length === 0) return 0;
  await revokeSigningCertificates(tx, accountId, deviceIds, at);
  const { numUpdatedRows } = await tx
    .updateTable("devices")
    .set({ revoked_at: at, revoked_because: because })
    .where("account_id", "=", accountId)
    .where("device_id", "in", deviceIds)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** From now on the platform says of these devices' signing certificates that they are revoked (ca/api.ts). */
export async function revokeSigningCertificates(
  tx: DatabaseTransaction,
  accountId: string,
  deviceIds: readonly string[],
  at: Date,
): Promise<void> {
  await tx
    .updateTable("signing_certificates")
    .set({ revoked_at: at })
    .where("account_id", "=", accountId)
    .where("device_id", "in", deviceIds)
    .where("revoked_at", "is", null)
    .execute();
}

/** Context of the sealed columns of one row of `devices`. */
export function deviceContext(column: string, accountId: string, deviceId: string): string {
  return `devices.${column}:${accountId}.${deviceId}`;
}
