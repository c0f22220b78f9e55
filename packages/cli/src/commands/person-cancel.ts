import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const personCancel = defineCommand({
  positionals: ["ID", "NUMBER"],
  options: {},
  notes: ["NUMBER: of the planned event, as xid person timeline ID shows it"],
  async run({ positionals: [id, number], places }) {
    if (!/^\d{1,15}$/.test(number as string)) throw new CliError("USAGE", "NUMBER is that of a planned event");
    await new SandboxClient(places.sandbox).cancelEvent(id as string, Number(number));
    return { json: { cancelled: Number(number) }, text: `取り消しました cancelled: ${number}` };
  },
});
