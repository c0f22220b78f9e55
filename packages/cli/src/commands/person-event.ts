import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { cardText, personText } from "../person-text.ts";
import { SandboxClient } from "../sandbox-client.ts";

const events = ["move", "revoke", "reissue-signature", "renew", "reset-pins", "new-card"];

export const personEvent = defineCommand({
  positionals: ["ID", "EVENT"],
  options: {
    to: { type: "string", value: "ADDRESS", help: "move: the new address" },
    reason: { type: "string", value: "REASON", help: "revoke: why" },
  },
  notes: [`EVENT: ${events.join(", ")}`, "xid person event hanako move --to 香川県高松市番町１－１"],
  async run({ values, positionals: [id, type], places }) {
    if (!events.includes(type as string)) throw new CliError("USAGE", `EVENT is one of ${events.join(", ")}`);
    if (values.to !== undefined && type !== "move") throw new CliError("USAGE", "--to goes with move");
    if (values.reason !== undefined && type !== "revoke") throw new CliError("USAGE", "--reason goes with revoke");
    const event = {
      type: type as string,
      ...(values.to === undefined ? {} : { address: values.to }),
      ...(values.reason === undefined ? {} : { reason: values.reason }),
    };
    const person = await new SandboxClient(places.sandbox).event(id as string, event);
    return { json: person, text: `${personText(person)}\n${cardText(person)}` };
  },
});
