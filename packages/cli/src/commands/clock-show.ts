import { clockText } from "../clock-text.ts";
import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const clockShow = defineCommand({
  positionals: [],
  options: {},
  async run({ places }) {
    const clock = await new SandboxClient(places.sandbox).clock();
    return { json: clock, text: clockText(clock) };
  },
});
