import { readWallet } from "@xid/cli/wallet-file";
import { WalletClient } from "@xid/protocol/wallet-client";
import { openDeviceKeys } from "@xid/sdk/testing";
import type { Installation } from "../installation.ts";
import { send } from "./http.ts";

/** Creates and enrols residents by the command-line tool, and opens their wallets for the load generator. */
export async function enrolWallets(
  installation: Installation,
  count: number,
  nextPort: () => number,
): Promise<WalletClient[]> {
  const wallets: WalletClient[] = [];
  for (let number = 0; number < count; number++) {
    const { id } = await installation.xid<{ id: string }>("person", "create", "--persona", "default");
    await installation.xid("wallet", "enrol", "--person", id);
    const device = (await readWallet(installation.dataDirectory, id))?.device;
    if (!device) throw new Error(`${id} is not enrolled`);
    wallets.push(
      new WalletClient({
        platformUrl: installation.platform,
        keys: openDeviceKeys(device.keys),
        deviceId: device.deviceId,
        fetch: fetchFrom(nextPort),
      }),
    );
  }
  return wallets;
}

/** `fetch` over our kept connections: the global one costs more than the rest of the load generator. */
function fetchFrom(nextPort: () => number): typeof fetch {
  return async (url, init = {}) => {
    const headers = init.headers as Record<string, string>;
    const answer = await send(nextPort(), init.method ?? "GET", String(url), headers, init.body as string | undefined);
    return new Response(answer.body, { status: answer.status });
  };
}
