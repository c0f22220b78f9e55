import { walletFile } from "@xid/cli/wallet-file";
import type { ItemName, RequestDisplay } from "@xid/protocol";
import { HeadlessWallet, signIn } from "@xid/sdk/testing";
import { createResident, type Resident } from "./resident.ts";
import type { Places } from "./started-platform.ts";

export const everything = (display: RequestDisplay): ItemName[] => display.items.map((item) => item.name);

/** A resident with an enrolled headless wallet. `data` separates wallets of one person on several devices. */
export async function enrolledResident(
  places: Pick<Places, "platform" | "sandbox">,
  data: string,
): Promise<{ resident: Resident; wallet: HeadlessWallet }> {
  const resident = await createResident();
  return { resident, wallet: await enrolWallet(places, data, resident) };
}

export async function enrolWallet(
  places: Pick<Places, "platform" | "sandbox">,
  data: string,
  resident: Resident,
): Promise<HeadlessWallet> {
  const wallet = await HeadlessWallet.openOrCreate(walletFile(data, resident.id), resident.id, places.platform);
  await wallet.enrol({
    sandbox: places.sandbox,
    pin: resident.pins.signature,
    lastTryAllowed: false,
    otherDevices: "replace",
    deviceName: "story",
  });
  return wallet;
}

/** Signs in and gives the code of the callback. */
export async function authorizationCode(wallet: HeadlessWallet, authorizationUrl: string): Promise<string> {
  const callback = new URL(await signIn(wallet, authorizationUrl, everything));
  const code = callback.searchParams.get("code");
  if (!code) throw new Error(`no code in the callback: ${callback.search}`);
  return code;
}
