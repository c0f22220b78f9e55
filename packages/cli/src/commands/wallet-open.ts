import { defineCommand } from "../command.ts";
import { displayText } from "../wallet/display-text.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";
import { readLink } from "../wallet/read-link.ts";

export const walletOpen = defineCommand({
  positionals: ["LINK"],
  options: personOption,
  notes: ["LINK: what a QR code or the button of a sign-in page holds. A QR code is good for three seconds."],
  async run({ values, positionals: [link], places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const display = await wallet.openRequest(readLink(places.app, link as string));
    return { json: display, text: displayText(display) };
  },
});
