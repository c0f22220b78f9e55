import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { cardOfPerson, cardOptions } from "../wallet/card-of-person.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletWithdraw = defineCommand({
  positionals: [],
  options: {
    ...personOption,
    client: { type: "string", value: "CLIENT_ID", help: "this service is not told of changes any more" },
    jlis: { type: "boolean", help: "J-LIS is not asked any more, so that no service is told" },
    card: { type: "boolean", help: "with --jlis: the card signs it, so that J-LIS ends the consent, too" },
    ...cardOptions,
  },
  notes: ["Takes effect at once. The link with the service stays: xid wallet unlink ends that."],
  async run(call) {
    const { values, places } = call;
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    if ((values.client === undefined) === !values.jlis)
      throw new CliError("USAGE", "either --client CLIENT_ID or --jlis");
    if (values.client !== undefined) {
      await wallet.withdrawLatestAttributes(values.client);
      return {
        json: { clientId: values.client, latestAttributes: false },
        text: "変更を知らせません / not told of changes",
      };
    }
    const withdrawn = await wallet.withdrawJlisConsent(values.card ? cardOfPerson(call) : undefined);
    const where = withdrawn.endedAtJlis
      ? "J-LISの同意も終わりました / ended at J-LIS, too"
      : "J-LISには伝えていません / J-LIS keeps it";
    return { json: withdrawn, text: `J-LISに確認しません / J-LIS is not asked any more; ${where}` };
  },
});
