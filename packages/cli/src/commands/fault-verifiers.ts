import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const faultVerifiers = defineCommand({
  positionals: [],
  options: {},
  async run({ places }) {
    const verifiers = await new SandboxClient(places.sandbox).verifiers();
    const lines = verifiers.map(({ id, name }) => `${id}  ${name}`);
    return { json: verifiers, text: lines.join("\n") || "検証者はいません / nobody has registered" };
  },
});
