import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { type FoundedTown, SandboxClient } from "../sandbox-client.ts";
import { townText } from "../town-text.ts";

export const townCreate = defineCommand({
  positionals: [],
  options: {
    residents: { type: "string", value: "N", help: "how many (1000000); at most 16777216" },
    seed: { type: "string", value: "N", help: "the same seed and day give the same town (0)" },
    "founded-on": { type: "string", value: "YYYY-MM-DD", help: "the day on which its past ends (today)" },
  },
  notes: [
    "Residents are computed, and get keys and a card when somebody first looks at one: xid person show t-1, then as anybody.",
    "Their past is on the revocation lists at once: about nine entries for ten residents on that of the present signature CA.",
    "One town for each data directory.",
  ],
  async run({ values, places, json }) {
    const foundedOn = values["founded-on"];
    const request = {
      residents: wholeNumber("residents", values.residents ?? "1000000"),
      seed: wholeNumber("seed", values.seed ?? "0"),
      ...(foundedOn === undefined ? {} : { foundedOn }),
    };
    const progress = !json && process.stderr.isTTY;
    const founded = await new SandboxClient(places.sandbox).foundTown(request, (found) => {
      if (progress) process.stderr.write(`\r失効した証明書を数えています / counting revoked certificates: ${found}`);
    });
    if (progress) process.stderr.write("\r\u001b[K");
    return { json: founded, text: `${townText(founded.town)}\n${revokedText(founded)}` };
  },
});

function revokedText({ revoked }: FoundedTown): string {
  const rows = Object.entries(revoked).flatMap(([kind, lists]) =>
    lists.map(({ generation, revoked: count }) => `${`${kind} ${generation}`.padEnd(20)} ${count}`),
  );
  return ["失効リスト / revocation lists", ...rows.map((row) => `  ${row}`)].join("\n");
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new CliError("USAGE", `--${name} must be a whole number`);
  return Number(text);
}
