import { defineCommand } from "../command.ts";
import { type LoggedExchange, SandboxClient } from "../sandbox-client.ts";

const marks = { done: " ", refused: "!", lost: "×" };

export const cardLog = defineCommand({
  positionals: ["ID"],
  options: {
    bytes: { type: "boolean", help: "バイト列も表示する / the bytes too" },
  },
  notes: [
    "The sessions that the sandbox's reader remembers, oldest first: until it restarts.",
    "PINs and what tells the My Number are masked (**).",
  ],
  async run({ values, positionals: [id], places, language }) {
    const sessions = await new SandboxClient(places.sandbox).apduLog(id as string);
    const line = ({ text, outcome, sent, received }: LoggedExchange) => [
      `${marks[outcome]} ${text[language]}`,
      ...(values.bytes ? [`    > ${spaced(sent)}`, `    < ${spaced(received)}`] : []),
    ];
    const text = sessions
      .toReversed()
      .map(({ startedAt, exchanges }) => [startedAt, ...exchanges.flatMap(line)].join("\n"))
      .join("\n\n");
    return { json: sessions, text: text || "まだ通信がありません / nobody has spoken to this card yet" };
  },
});

function spaced(hexadecimal: string): string {
  return hexadecimal.replace(/..(?=.)/g, "$& ");
}
