import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const personList = defineCommand({
  positionals: [],
  options: {},
  async run({ places }) {
    const people = await new SandboxClient(places.sandbox).people();
    const lines = people.map(({ id, name, persona }) => `${id.padEnd(20)} ${name}  (${persona})`);
    return { json: people, text: lines.join("\n") || "住民はいません / nobody yet: xid person create" };
  },
});
