import { defineCommand } from "../command.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletUnlink = defineCommand({
  positionals: ["CLIENT_ID"],
  options: personOption,
  async run({ values, positionals: [clientId], places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    await wallet.unlink(clientId as string);
    return { json: { clientId, linked: false }, text: "連携を解除しました / unlinked" };
  },
});
