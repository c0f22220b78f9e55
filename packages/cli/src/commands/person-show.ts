import { defineCommand } from "../command.ts";
import { cardText, personText } from "../person-text.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const personShow = defineCommand({
  positionals: ["ID"],
  options: {},
  async run({ positionals: [id], places }) {
    const person = await new SandboxClient(places.sandbox).person(id as string);
    return { json: person, text: `${personText(person)}\n${cardText(person)}` };
  },
});
