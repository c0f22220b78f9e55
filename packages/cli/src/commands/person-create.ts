import { readFileSync } from "node:fs";
import { CliError } from "../cli-error.ts";
import { type Command, defineCommand } from "../command.ts";
import { personText } from "../person-text.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const personCreate: Command = defineCommand({
  positionals: [],
  options: {
    persona: { type: "string", value: "NAME", help: "whom to be like (default); named for what will happen" },
    name: { type: "string", value: "NAME", help: "氏名 (山田　花子)" },
    kana: { type: "string", value: "KANA", help: "フリガナ" },
    birthdate: { type: "string", value: "YYYY-MM-DD", help: "生年月日" },
    gender: { type: "string", value: "G", help: "male, female or unknown" },
    address: { type: "string", value: "ADDRESS", help: "住所, from the prefecture" },
    "persona-file": {
      type: "string",
      value: "FILE",
      help: "many of one's own, all or none: JSON, see docs/personas.md",
    },
  },
  async run({ values, places }) {
    if (values["persona-file"] !== undefined) {
      const others = Object.keys(personCreate.options).filter((name) => name !== "persona-file" && name in values);
      if (others.length > 0) throw new CliError("USAGE", `--${others[0]} does not go with --persona-file`);
      const people = await new SandboxClient(places.sandbox).createPeople(readText(values["persona-file"]));
      return { json: people, text: people.map(personText).join("\n") };
    }
    const { persona = "default", name, kana, birthdate, gender, address } = values;
    const given = Object.entries({ persona, name, kana, birthdate, gender, address }).filter(
      ([, value]) => value !== undefined,
    );
    const person = await new SandboxClient(places.sandbox).createPerson(
      Object.fromEntries(given) as Record<string, string>,
    );
    const { id, pins } = person;
    return {
      json: {
        id,
        name: person.name,
        birthdate: person.birthdate,
        gender: person.gender,
        address: person.address,
        pins: { signature: pins.signature, authentication: pins.authentication, text: pins.text },
      },
      text: personText(person),
    };
  },
});

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("USAGE", `${file} cannot be read`, { cause });
  }
}
