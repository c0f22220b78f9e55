import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CardState, cardApplications, parseCardState, VirtualCard } from "@xid/card/virtual";
import type { Benchmark } from "./benchmark.ts";
import { median } from "./median.ts";

const cards = join(import.meta.dirname, "..", "vectors", "card", "cards");
const select = `00a4040c0a${cardApplications.jpki}`;

/** As a reader begins: token information and authentication certificate in short blocks. */
const reading = [
  ...[select, "00a4020c020018", "00200080", "00a4020c020006", "00b0000020", "00a4020c02000a", "00b0000004"],
  ...["00b0000000", "00b0010000", "00b0020000", "00b0030000", "00b0040000", "00b0050000"],
];
const digestInfo = `3031300d060960864801650304020105000420${"5a".repeat(32)}`;
const signing = [select, "00a4020c020018", "002000800431323334", "00a4020c020017", `802a008033${digestInfo}00`];

/** Commands to the software card per second, in this process: reading, which is the card's own work, and signing. */
export const softwareCard: Benchmark = async ({ runs, seconds, say }) => {
  const state = parseCardState(JSON.parse(readFileSync(join(cards, "card.json"), "utf8")));
  const card = new VirtualCard(state, { persist: () => undefined });
  card.powerOn();
  const key = authenticationKey(state);
  const message = Buffer.from(digestInfo, "hex");
  const rates = { commands: [] as number[], signatures: [] as number[], node: [] as number[] };
  for (let number = 0; number < runs; number++) {
    rates.commands.push(reading.length * perSecond(seconds, speak(card, reading)));
    rates.signatures.push(perSecond(seconds, speak(card, signing)));
    rates.node.push(perSecond(seconds, () => sign("sha256", message, key)));
    const shown = Object.entries(rates).map(([name, values]) => `${name} ${values.at(-1)?.toFixed(0)}`);
    say(`run ${number + 1}: ${shown.join(", ")}`);
  }
  return [
    {
      what: "commands of a reading, software card",
      value: median(rates.commands),
      unit: "APDU/s",
      runs: rates.commands,
    },
    {
      what: "PIN and signature, software card",
      value: median(rates.signatures),
      unit: "signatures/s",
      runs: rates.signatures,
      reference: { what: "node:crypto sign with the same key", value: median(rates.node) },
    },
  ];
};

function speak(card: VirtualCard, dialogue: string[]): () => void {
  const commands = dialogue.map((command) => Buffer.from(command, "hex"));
  return () => {
    for (const command of commands) {
      const answer = card.transmit(command);
      const status = answer.at(-2);
      if (status !== 0x90 && status !== 0x63)
        throw new Error(`the card answered ${Buffer.from(answer).toString("hex")}`);
    }
  };
}

function authenticationKey({ applications }: CardState) {
  const file = applications.find(({ identifier }) => identifier === cardApplications.jpki)?.files["0017"];
  if (file?.kind !== "key" || file.privateKey === null) throw new TypeError("the card has no authentication key");
  return createPrivateKey({ key: Buffer.from(file.privateKey, "base64"), format: "der", type: "pkcs8" });
}

/** After a tenth of the time for warming up. */
function perSecond(seconds: number, work: () => void): number {
  let done = 0;
  let began = performance.now();
  const warm = began + 100 * seconds;
  while (performance.now() < warm) work();
  began = performance.now();
  while (performance.now() < began + 1000 * seconds) {
    work();
    done++;
  }
  return (done * 1000) / (performance.now() - began);
}
