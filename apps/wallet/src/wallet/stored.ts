import type { EnrolmentCompletion } from "@xid/protocol";
import type { Language } from "../i18n/language.ts";
import type { SecretStore } from "../platform/ports.ts";

/** Seconds that the app may be out of sight before it locks. */
export const lockDelays = [0, 60, 300] as const;
export type LockDelay = (typeof lockDelays)[number];

/** Signed by the card, not yet answered by the platform: can be sent again without the card. */
export type PendingEnrolment = { enrolmentId: string; completion: EnrolmentCompletion; keys: string };

/** Everything that the app remembers, except keys and the PIN. */
export type Stored = {
  language: Language;
  /** Whether the device's own user verification was set up. */
  biometrics: boolean;
  lockDelay: LockDelay;
  /** `keys` names the set in the device's key store. */
  enrolment: { deviceId: string; keys: string } | null;
  pending: PendingEnrolment | null;
  /** The evidence log's verifier key, as this device was told it first. */
  logKey: string | null;
};

const secret = "wallet";
const beginning: Stored = {
  language: "ja",
  biometrics: false,
  lockDelay: 60,
  enrolment: null,
  pending: null,
  logKey: null,
};

export async function readStored(secrets: SecretStore): Promise<Stored> {
  const text = await secrets.get(secret);
  return text ? { ...beginning, ...(JSON.parse(text) as Partial<Stored>) } : beginning;
}

/** Changes what is stored now, also if another window has changed it meanwhile, and gives the whole. */
export function updateStored(secrets: SecretStore, change: Partial<Stored>): Promise<Stored> {
  return secrets.exclusive(async () => {
    const stored = { ...(await readStored(secrets)), ...change };
    await secrets.set(secret, JSON.stringify(stored));
    return stored;
  });
}
