import { lifeEvents } from "../src/people/life-events.ts";
import { myNumberRange } from "../src/people/my-number.ts";
import { personas } from "../src/people/personas.ts";

/** docs/personas.md, from the tables that the sandbox itself works with. */
export function personasDocument(): string {
  return [
    "# Residents of the sandbox",
    "",
    "Made by `apps/sandbox/tools/make-personas-document.ts` from `apps/sandbox/src/people/`; change it there.",
    "",
    "## Personas",
    "",
    "A persona is a resident made to order, named for what a relying party will meet:",
    '`npx xid person create --persona moved-last-week`, `POST /api/people {"persona": …}`, or the city office\'s page.',
    "The first resident of a persona has the id below; later ones are other people of the cast with the same fate.",
    "",
    "| persona | what it makes happen | | first played by |",
    "| --- | --- | --- | --- |",
    ...personas.map(({ id, about, played }) =>
      row([`\`${id}\``, about.en, about.ja, `\`${played.id}\` ${played.name}`]),
    ),
    "",
    "## Life events",
    "",
    "`npx xid person event ID EVENT --option …`, or `POST /api/people/{id}/events` with `type` and the fields. With `at` (a day",
    "or an ISO 8601 time in the future) the event is planned, and happens when the clock passes it; until then it can be",
    "cancelled. What an event has changed stands in the timeline: `npx xid person timeline ID`.",
    "",
    "| event | what happens | | fields (option where it differs) |",
    "| --- | --- | --- | --- |",
    ...lifeEvents.map(({ type, en, about, fields }) =>
      row([
        `\`${type}\``,
        `${en}. ${about.en}`,
        about.ja,
        Object.entries(fields)
          .map(([name, { option, choices }]) => {
            const values = choices ? `: ${Object.keys(choices).join(", ")}` : "";
            return `\`${name}\`${option && option !== name ? ` (\`--${option}\`)` : ""}${values}`;
          })
          .join("; "),
      ]),
    ),
    "",
    "## Your own residents",
    "",
    "`npx xid person create --persona-file people.json` registers the residents of a JSON array, all of them or none; a mistake is",
    "told with its line and field. At most 500 residents and 64 KiB. Every field may be left out:",
    "",
    "```json",
    example,
    "```",
    "",
    "| field | |",
    "| --- | --- |",
    ...fileFields.map(row),
    "",
    "## Numbers, names, addresses",
    "",
    `Every My Number of the sandbox begins with **${myNumberRange}** and has a right check digit. The range is this project's own`,
    "declaration, not an official one: a number in it may be somebody's by chance, so take none out of the sandbox. Names are",
    "invented, with their readings; municipalities have their real codes, towns are real, houses are not.",
    "",
  ].join("\n");
}

const example = JSON.stringify(
  [
    {
      id: "taro",
      name: "試験　太郎",
      kana: "シケン　タロウ",
      birthdate: "1980-01-01",
      gender: "male",
      address: "香川県高松市番町１－１",
      pins: { signature: "TEST1234", authentication: "1234", text: "1234" },
      issuedDaysAgo: 100,
      past: [{ daysAgo: 50, type: "marriage", familyName: "新田" }],
      planned: [{ inDays: 10, type: "lose-card" }],
    },
    { persona: "under-15" },
  ],
  null,
  2,
);

const fileFields = [
  ["`persona`", "of the table above; `default` when left out"],
  ["`id`", "lower-case letters, digits and hyphens, at most 32, a letter first, not beginning with `p-` or `t-`"],
  [
    "`name`, `kana`, `gender`, `address`",
    "`gender` is female, male or unknown; of an address the municipality is enough",
  ],
  ["`birthdate`", "YYYY-MM-DD, `00` for a day or month that is not known"],
  ["`pins`", "`signature` (6 to 16 of A–Z and 0–9, both), `authentication` and `text` (4 digits)"],
  ["`issuedDaysAgo`", "when the card was issued"],
  ["`past`", "events with their fields and `daysAgo`, in their order, after those of the persona"],
  ["`planned`", "events with their fields and `inDays`"],
];

function row(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
