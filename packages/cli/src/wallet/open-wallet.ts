import { HeadlessWallet } from "@xid/sdk/testing";
import { walletFile } from "./wallet-file.ts";

/** The person's enrolled wallet in the data directory. Throws `TestingError("NOT_ENROLLED")`. */
export function openWallet(dataDirectory: string, person: string): Promise<HeadlessWallet> {
  return HeadlessWallet.open(walletFile(dataDirectory, person), person);
}

/** The same, or a new and empty one if the person has none with that platform. */
export function openOrCreateWallet(dataDirectory: string, person: string, platform: string): Promise<HeadlessWallet> {
  return HeadlessWallet.openOrCreate(walletFile(dataDirectory, person), person, platform);
}
