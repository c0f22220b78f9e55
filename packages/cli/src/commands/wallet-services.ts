import type { LinkedServices } from "@xid/protocol";
import { defineCommand } from "../command.ts";
import { bothNames, itemLabels } from "../wallet/display-text.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletServices = defineCommand({
  positionals: [],
  options: personOption,
  async run({ values, places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const linked = await wallet.services();
    const lines = linked.services.map(({ clientId, name, domain, items, latestAttributes }) =>
      [
        `${clientId}  ${bothNames(name)} (${domain})  ${items.map((item) => itemLabels[item]).join(" · ")}`,
        ...(latestAttributes ? [`  ${changesText(latestAttributes)}`, ...readsText(latestAttributes)] : []),
      ].join("\n"),
    );
    return { json: linked, text: lines.join("\n") || "連携中のサービスはありません / no linked services" };
  },
});

type LatestAttributes = NonNullable<LinkedServices["services"][number]["latestAttributes"]>;

function changesText({ items, purpose, until }: LatestAttributes): string {
  const labels = items.map((item) => itemLabels[item]).join(" · ");
  return `変更を知らせる told of changes until ${day(until)}: ${labels} (${bothNames(purpose)})`;
}

function readsText({ reads }: LatestAttributes): string[] {
  return reads.map(({ purpose, at }) => `    ${day(at)} 確認 read: ${purpose}`);
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
