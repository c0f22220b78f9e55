import type { EnrolmentCompletion, RequestDisplay } from "@xid/protocol";
import type { DeviceKeyFile } from "./device-key.ts";

/** What a headless wallet keeps. */
export type WalletState = {
  version: 1;
  person: string;
  /** Base URL of the platform it is enrolled with. */
  platform: string;
  /** The enrolled device; null before. */
  device: { deviceId: string; keys: DeviceKeyFile } | null;
  /** An enrolment whose answer has not arrived: the same completion is sent again. */
  pending: { enrolmentId: string; keys: DeviceKeyFile; completion: EnrolmentCompletion } | null;
  /** What was shown of requests that wait for a decision, newest last, no more than `openedLimit`. */
  opened: RequestDisplay[];
};

export const openedLimit = 20;

/** Where it keeps that. */
export type WalletStore = {
  read(): Promise<WalletState | undefined>;
  write(state: WalletState): Promise<void>;
};

/** For as long as the process lives. */
export function memoryWalletStore(): WalletStore {
  let kept: WalletState | undefined;
  return {
    read: async () => kept,
    write: async (state) => {
      kept = state;
    },
  };
}
