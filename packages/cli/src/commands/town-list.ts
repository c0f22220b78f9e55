import { defineCommand } from "../command.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const townList = defineCommand({
  positionals: [],
  options: {
    name: { type: "string", value: "TEXT", help: "part of the name or of its reading" },
    after: { type: "string", value: "ID", help: "the last resident of the page before" },
    limit: { type: "string", value: "N", help: "how many (30); at most 100" },
  },
  async run({ values, places }) {
    const { name, after, limit } = values;
    const given = Object.entries({ name, after, limit }).filter(([, value]) => value !== undefined);
    const page = await new SandboxClient(places.sandbox).residentsOfTown(
      Object.fromEntries(given) as Record<string, string>,
    );
    const lines = page.residents.map(
      ({ id, name, birthdate, address }) => `${id.padEnd(12)} ${birthdate}  ${name}  ${address}`,
    );
    const more = page.next === undefined ? [] : [`… --after ${page.next}`];
    return { json: page, text: [...lines, ...more].join("\n") || "いません / nobody" };
  },
});
