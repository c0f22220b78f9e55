import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";
import { timelineText } from "../timeline-text.ts";

export const personTimeline = defineCommand({
  positionals: ["ID"],
  options: {},
  async run({ positionals: [id], places }) {
    const timeline = await new SandboxClient(places.sandbox).timeline(id as string);
    return { json: timeline, text: timeline.map(timelineText).join("\n") };
  },
});
