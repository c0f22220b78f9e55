import type { KeyObject } from "node:crypto";

/** An enrolled device that has just proven that it holds its authentication key, and that is not revoked. */
export type Device = {
  accountId: string;
  deviceId: string;
  authenticationKey: KeyObject;
  keyLevel: string;
};
