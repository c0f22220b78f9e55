import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";
import { townText } from "../town-text.ts";

export const townShow = defineCommand({
  positionals: [],
  options: {},
  async run({ places }) {
    const town = await new SandboxClient(places.sandbox).town();
    return { json: town, text: townText(town) };
  },
});
