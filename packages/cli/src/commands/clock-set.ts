import { clockText } from "../clock-text.ts";
import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const clockSet = defineCommand({
  positionals: ["MOMENT"],
  options: {},
  notes: [
    "MOMENT: YYYY-MM-DD (its first second in Japan) or an ISO 8601 date and time. Never back.",
    "xid clock set 2030-04-01",
  ],
  async run({ positionals: [moment], places }) {
    const clock = await new SandboxClient(places.sandbox).moveClock({ to: moment as string });
    return { json: clock, text: clockText(clock) };
  },
});
