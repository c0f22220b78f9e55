import { defineCommand } from "../command.ts";
import { itemChooser, itemOptions } from "../wallet/choose-items.ts";
import { meansOf, meansOptions } from "../wallet/means.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";
import { readLink } from "../wallet/read-link.ts";

export const walletApprove = defineCommand({
  positionals: ["REQUEST"],
  options: { ...personOption, ...itemOptions, ...meansOptions },
  notes: [
    "REQUEST: the link or the requestId that was opened. What was shown then is what is approved.",
    "A request that a service has sent (`xid wallet requests`) is opened by this, too.",
    "Where the card is needed, its password comes from --pin or the city office: the signature password to sign,",
    "the four digits (券面事項入力補助用) to hand over the My Number.",
    "Where a document is to be signed with this device's key, --document FILE keeps what was shown and signed.",
  ],
  async run(call) {
    const {
      values,
      positionals: [request],
      places,
    } = call;
    const choose = itemChooser(values.items, values.all ?? false);
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const decision = await wallet.approve(readLink(places.app, request as string).requestId, choose, meansOf(call));
    const where = decision.returnTo ?? "もとの画面に戻ってください / go back to the other screen";
    return { json: decision, text: `許可しました / approved: ${where}` };
  },
});
