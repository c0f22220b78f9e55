import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { WalletState, WalletStore } from "@xid/sdk/testing";
import { CliError } from "../cli-error.ts";
import { writePrivateFile } from "../private-file.ts";

/** `<data>/wallets/<person>.json`, readable by its owner only. */
export function walletFile(dataDirectory: string, person: string): WalletStore {
  return { read: () => readWallet(dataDirectory, person), write: (state) => writeWallet(dataDirectory, state) };
}

/** Undefined when there is none. Throws `CliError("WALLET_DAMAGED")`; looks at the outline, not at every field. */
export async function readWallet(dataDirectory: string, person: string): Promise<WalletState | undefined> {
  const path = walletPath(dataDirectory, person);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliError("WALLET_DAMAGED", `cannot read ${path}`, { cause });
  }
  try {
    const wallet = JSON.parse(text) as Partial<WalletState>;
    if (
      wallet.version === 1 &&
      wallet.person === person &&
      typeof wallet.platform === "string" &&
      Array.isArray(wallet.opened)
    ) {
      return wallet as WalletState;
    }
  } catch {}
  throw new CliError("WALLET_DAMAGED", `${path} is no wallet; remove it and enrol again`);
}

/** Whole or not at all, and on the disk when this returns: a killed process leaves the old file. */
export async function writeWallet(dataDirectory: string, wallet: WalletState): Promise<void> {
  await writePrivateFile(walletPath(dataDirectory, wallet.person), `${JSON.stringify(wallet, null, 2)}\n`);
}

function walletPath(dataDirectory: string, person: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(person))
    throw new CliError("USAGE", `"${person}" is no id of a resident`);
  return join(dataDirectory, "wallets", `${person}.json`);
}
