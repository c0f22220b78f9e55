import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EnrolmentCompletion, RequestDisplay } from "@xid/protocol";
import { CliError } from "../cli-error.ts";
import { writePrivateFile } from "../private-file.ts";
import type { DeviceKeyFile } from "./device-key.ts";

/** What a headless wallet keeps: `<data>/wallets/<person>.json`, readable by its owner only. */
export type WalletFile = {
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

/** Undefined when there is none. Throws `CliError("WALLET_DAMAGED")`; looks at the outline, not at every field. */
export async function readWallet(dataDirectory: string, person: string): Promise<WalletFile | undefined> {
  const path = walletPath(dataDirectory, person);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliError("WALLET_DAMAGED", `cannot read ${path}`, { cause });
  }
  try {
    const wallet = JSON.parse(text) as Partial<WalletFile>;
    if (
      wallet.version === 1 &&
      wallet.person === person &&
      typeof wallet.platform === "string" &&
      Array.isArray(wallet.opened)
    ) {
      return wallet as WalletFile;
    }
  } catch {}
  throw new CliError("WALLET_DAMAGED", `${path} is no wallet; remove it and enrol again`);
}

/** Whole or not at all, and on the disk when this returns: a killed process leaves the old file. */
export async function writeWallet(dataDirectory: string, wallet: WalletFile): Promise<void> {
  await writePrivateFile(walletPath(dataDirectory, wallet.person), `${JSON.stringify(wallet, null, 2)}\n`);
}

function walletPath(dataDirectory: string, person: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(person))
    throw new CliError("USAGE", `"${person}" is no id of a resident`);
  return join(dataDirectory, "wallets", `${person}.json`);
}
