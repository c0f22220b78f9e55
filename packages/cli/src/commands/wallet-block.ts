import { defineCommand } from "../command.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletBlock = defineCommand({
  positionals: ["CLIENT_ID"],
  options: { ...personOption, allow: { type: "boolean", help: "take them again" } },
  notes: ["The service stays linked; only what the person has not begun does not arrive any more."],
  async run({ values, positionals: [clientId], places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const requestsBlocked = values.allow !== true;
    await wallet.changeService(clientId as string, { requestsBlocked });
    const text = requestsBlocked
      ? "このサービスからの依頼を止めました / blocked"
      : "このサービスからの依頼を受け取ります / allowed";
    return { json: { clientId, requestsBlocked }, text };
  },
});
