import { defineCommand } from "../command.ts";
import { faultText } from "../fault-kinds.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const faultList = defineCommand({
  positionals: [],
  options: {},
  async run({ places }) {
    const faults = await new SandboxClient(places.sandbox).faults();
    return { json: faults, text: faults.map(faultText).join("\n") || "障害はありません / nothing is wrong" };
  },
});
