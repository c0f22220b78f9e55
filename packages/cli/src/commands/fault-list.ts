import { defineCommand } from "../command.ts";
import { faultText } from "../fault-kinds.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const faultList = defineCommand({
  positionals: [],
  options: {},
  async run({ places }) {
    const sandbox = new SandboxClient(places.sandbox);
    const [faults, verifiers] = await Promise.all([sandbox.faults(), sandbox.verifiers()]);
    const lines = faults.map((fault) => faultText(fault, verifiers));
    return { json: faults, text: lines.join("\n") || "障害はありません / nothing is wrong" };
  },
});
