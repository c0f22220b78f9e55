import { defineCommand } from "../command.ts";
import { cardText } from "../person-text.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const cardShow = defineCommand({
  positionals: ["ID"],
  options: {},
  notes: ["As the city office knows it; the card itself is not touched."],
  async run({ positionals: [id], places }) {
    const person = await new SandboxClient(places.sandbox).person(id as string);
    return { json: { person: person.id, ...person.card }, text: `${person.id}  ${person.name}\n${cardText(person)}` };
  },
});
