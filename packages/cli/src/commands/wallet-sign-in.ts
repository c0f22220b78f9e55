import { signIn } from "@xid/sdk/testing";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { itemChooser, itemOptions } from "../wallet/choose-items.ts";
import { meansOf, meansOptions } from "../wallet/means.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletSignIn = defineCommand({
  positionals: [],
  options: {
    ...personOption,
    url: { type: "string", value: "URL", help: "the authorization URL of the relying party" },
    ...itemOptions,
    ...meansOptions,
  },
  notes: [
    "Prints the callback URL with code, state and iss; the relying party redeems the code.",
    "Where the card is needed, its password comes from --pin or the city office: the signature password to sign,",
    "the four digits (券面事項入力補助用) to hand over the My Number.",
    "Where a document is to be signed with this device's key, --document FILE keeps what was shown and signed.",
  ],
  async run(call) {
    const { values, places } = call;
    const person = requirePerson(values.person);
    if (!values.url) throw new CliError("USAGE", "--url AUTHORIZATION_URL is needed");
    const choose = itemChooser(values.items, values.all ?? false);
    const wallet = await openWallet(places.dataDirectory, person);
    const redirect = await signIn(wallet, values.url, choose, meansOf(call));
    return { json: { redirect }, text: redirect };
  },
});
