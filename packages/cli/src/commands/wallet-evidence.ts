import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { writePrivateFile } from "../private-file.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletEvidence = defineCommand({
  positionals: ["ACT"],
  options: {
    ...personOption,
    out: { type: "string", value: "FILE", help: "where the evidence goes (ACT.xid-evidence.json)" },
  },
  notes: [
    "ACT is an id of `xid wallet history`. The file holds personal data: it is written for its owner only.",
    "Anybody who is given it can check it: xid evidence verify FILE --trust DIR",
  ],
  async run({ values, positionals: [act], places }) {
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const evidence = await wallet.evidence(act as string);
    if (!evidence.act.log) {
      throw new CliError(
        "NOT_LOGGED",
        "まだ記録に入っていません。少し待ってください / not in the log yet: try again in a moment",
      );
    }
    const file = values.out ?? `${act}.xid-evidence.json`;
    await writePrivateFile(file, `${JSON.stringify(evidence, null, 2)}\n`);
    return { json: { file, evidenceId: act }, text: file };
  },
});
