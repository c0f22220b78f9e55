import type { EvidenceHistory } from "@xid/protocol";
import { defineCommand } from "../command.ts";
import { bothNames, itemLabels } from "../wallet/display-text.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

type Act = EvidenceHistory["acts"][number];

export const walletHistory = defineCommand({
  positionals: [],
  options: {
    ...personOption,
    before: { type: "string", value: "ID", help: "go on behind this act" },
  },
  notes: ["Newest first, twenty at a time. `xid wallet evidence` gets the evidence of one."],
  async run({ values, places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const history = await wallet.history(values.before);
    const lines = history.acts.map(line);
    if (history.next) lines.push(`--before ${history.next}`);
    return { json: history, text: lines.join("\n") || "履歴はありません / nothing yet" };
  },
});

const kinds: Record<Act["kind"], string> = {
  enrolment: "登録 / enrolled",
  sign_in: "サインイン / signed in",
  card_signature: "カードで署名 / signed with the card",
  document_signature: "電子署名 / signed a document",
  identity_refresh: "本人確認情報の更新 card read again",
  my_number: "マイナンバーの提供 / handed over the My Number",
};

function line({ evidenceId, kind, client, items, time, logged }: Act): string {
  const what = `${kinds[kind]}${client ? `: ${bothNames(client.name)}` : ""}`;
  const waits = logged ? "" : "  (記録待ち / not in the log yet)";
  const given = items.map((item) => itemLabels[item]).join(" · ");
  return `${evidenceId}  ${new Date(time * 1000).toISOString()}  ${what}${given && `  ${given}`}${waits}`;
}
