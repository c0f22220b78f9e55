import { defineCommand } from "../command.ts";
import { bothNames, itemLabels } from "../wallet/display-text.ts";
import { HeadlessWallet } from "../wallet/headless-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletServices = defineCommand({
  positionals: [],
  options: personOption,
  async run({ values, places }) {
    const wallet = await HeadlessWallet.open(places.dataDirectory, requirePerson(values.person));
    const linked = await wallet.services();
    const lines = linked.services.map(
      ({ clientId, name, domain, items }) =>
        `${clientId}  ${bothNames(name)} (${domain})  ${items.map((item) => itemLabels[item]).join(" · ")}`,
    );
    return { json: linked, text: lines.join("\n") || "連携中のサービスはありません / no linked services" };
  },
});
