import { lifeEvents } from "@xid/sandbox/life-events";
import { CliError } from "../cli-error.ts";
import { defineCommand, type Option } from "../command.ts";
import { cardText, personText } from "../person-text.ts";
import { SandboxClient } from "../sandbox-client.ts";

type Fields = (typeof lifeEvents)[number]["fields"];
const optionsOf = (fields: Fields) =>
  Object.entries(fields).map(([name, field]) => ({ name, field, option: field.option ?? name }));

/** One option for each name, with the events that take it. */
function eventOptions(): Record<string, Option> {
  const options: Record<string, Option & { type: "string" }> = {};
  for (const { type, fields } of lifeEvents) {
    for (const { field, option } of optionsOf(fields)) {
      const known = options[option];
      const words = field.choices
        ? `${field.ja} (${Object.keys(field.choices).join(", ")})`
        : `${field.ja} ${field.en}`;
      options[option] = known
        ? { ...known, help: known.help.replace(":", `, ${type}:`) }
        : { type: "string", value: "VALUE", help: `${type}: ${words}` };
    }
  }
  return options;
}

export const personEvent = defineCommand({
  positionals: ["ID", "EVENT"],
  options: {
    at: {
      type: "string",
      value: "MOMENT",
      help: "予定の日時 when, if later: YYYY-MM-DD or ISO 8601; the clock makes it happen",
    },
    ...eventOptions(),
  },
  notes: [
    "EVENT:",
    ...lifeEvents.map(({ type, ja, en }) => `  ${type.padEnd(21)} ${ja} / ${en}`),
    "",
    "xid person event hanako move --to 香川県高松市番町１－１",
    "xid person event hanako death --at 2030-04-01",
  ],
  async run({ values, positionals: [id, type], places }) {
    const event = lifeEvents.find((one) => one.type === type);
    if (!event) throw new CliError("USAGE", `EVENT is one of ${lifeEvents.map((one) => one.type).join(", ")}`);
    const given = values as Record<string, string | boolean | undefined>;
    const own = optionsOf(event.fields);
    const foreign = Object.keys(eventOptions()).find(
      (option) => given[option] !== undefined && !own.some((field) => field.option === option),
    );
    if (foreign !== undefined) throw new CliError("USAGE", `--${foreign} does not go with ${type}`);
    const said = own.flatMap(({ name, option }) => (typeof given[option] === "string" ? [[name, given[option]]] : []));
    const person = await new SandboxClient(places.sandbox).event(id as string, {
      type: event.type,
      ...(values.at === undefined ? {} : { at: values.at }),
      ...(Object.fromEntries(said) as Record<string, string>),
    });
    return { json: person, text: `${personText(person)}\n${cardText(person)}` };
  },
});
