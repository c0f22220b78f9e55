import type { WaitingRequests } from "@xid/protocol";
import { defineCommand } from "../command.ts";
import { bothNames } from "../wallet/display-text.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletRequests = defineCommand({
  positionals: [],
  options: personOption,
  notes: [
    "Requests that linked services have sent, newest first: `xid wallet open`, `approve` or `decline` by their id.",
  ],
  async run({ values, places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const waiting = await wallet.requests();
    return {
      json: waiting,
      text: waiting.requests.map(line).join("\n") || "届いている依頼はありません / nothing waits",
    };
  },
});

function line({ requestId, kind, client, expiresAt }: WaitingRequests["requests"][number]): string {
  const until = new Date(expiresAt * 1000).toISOString();
  return `${requestId}  ${bothNames(client.name)} (${client.domain})  ${kind}  ${until}まで / until then`;
}
