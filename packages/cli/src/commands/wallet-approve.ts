import { defineCommand } from "../command.ts";
import { itemChooser, itemOptions } from "../wallet/choose-items.ts";
import { HeadlessWallet } from "../wallet/headless-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";
import { readLink } from "../wallet/read-link.ts";

export const walletApprove = defineCommand({
  positionals: ["REQUEST"],
  options: { ...personOption, ...itemOptions },
  notes: ["REQUEST: the link or the requestId that was opened. What was shown then is what is approved."],
  async run({ values, positionals: [request], places }) {
    const choose = itemChooser(values.items, values.all ?? false);
    const wallet = await HeadlessWallet.open(places.dataDirectory, requirePerson(values.person));
    const decision = await wallet.approve(readLink(places.app, request as string).requestId, choose);
    const where = decision.returnTo ?? "もとの画面に戻ってください / go back to the other screen";
    return { json: decision, text: `許可しました / approved: ${where}` };
  },
});
