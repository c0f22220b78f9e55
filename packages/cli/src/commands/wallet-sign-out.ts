import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { openWallet } from "../wallet/open-wallet.ts";
import { personOption, requirePerson } from "../wallet/person-option.ts";

export const walletSignOut = defineCommand({
  positionals: [],
  options: {
    ...personOption,
    service: { type: "string", value: "CLIENT_ID", help: "このサービスだけ / of this service" },
    everywhere: { type: "boolean", help: "すべてのサービス / of all services" },
  },
  notes: ["Services that asked for it are told (back-channel logout), which takes a moment; the link stays."],
  async run({ values, places }) {
    const { service, everywhere = false } = values;
    if ((service === undefined) !== everywhere) throw new CliError("USAGE", "--service CLIENT_ID or --everywhere");
    const wallet = await openWallet(places.dataDirectory, requirePerson(values.person));
    const result = await wallet.signOut(service);
    return { json: result, text: `ログアウトしました / signed out: ${result.ended}` };
  },
});
