import { clockText } from "../clock-text.ts";
import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const clockAdvance = defineCommand({
  positionals: ["DURATION"],
  options: {},
  notes: [
    "DURATION: 5y, 3mo, 2w, 30d, 12h, 30min, or ISO 8601 (P1Y6M)",
    "Certificates expire and scheduled events happen, in the order of their dates. It never goes back.",
    "xid clock advance 30d",
  ],
  async run({ positionals: [duration], places }) {
    const clock = await new SandboxClient(places.sandbox).moveClock({ by: duration as string });
    return { json: clock, text: clockText(clock) };
  },
});
