import * as LocalAuthentication from "expo-local-authentication";
import { WalletError } from "../wallet-error.ts";
import type { UserVerification } from "./ports.ts";

/** Face, finger or the phone's own code, by the system. */
export const userVerification: UserVerification = {
  async available() {
    return (await LocalAuthentication.getEnrolledLevelAsync()) !== LocalAuthentication.SecurityLevel.NONE;
  },
  enable: () => verify("xID"),
  verify,
};

async function verify(promptMessage: string): Promise<void> {
  const result = await LocalAuthentication.authenticateAsync({ promptMessage, biometricsSecurityLevel: "strong" });
  if (result.success) return;
  const cancelled = ["user_cancel", "app_cancel", "system_cancel", "authentication_failed", "timeout"];
  throw new WalletError(cancelled.includes(result.error) ? "CANCELLED" : "UNAVAILABLE", result.error);
}
