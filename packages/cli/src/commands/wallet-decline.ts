import { defineCommand } from "../command.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";
import { readLink } from "../wallet/read-link.ts";

export const walletDecline = defineCommand({
  positionals: ["REQUEST"],
  options: personOption,
  async run({ values, positionals: [request], places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const decision = await wallet.decline(readLink(places.app, request as string).requestId);
    return { json: decision, text: "断りました / declined" };
  },
});
