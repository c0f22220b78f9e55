import { attachToVpcd } from "@xid/card/vpcd";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { RemoteCard } from "../remote-card.ts";
import { untilInterrupted } from "../until-interrupted.ts";

const defaultPort = 35_963;

export const cardAttach = defineCommand({
  positionals: ["ID"],
  options: {
    "vpcd-port": { type: "string", value: "PORT", help: `port of vpcd on this machine (${defaultPort})` },
  },
  notes: [
    "Stays in the foreground until interrupted. Needs pcscd and vpcd (Debian: apt-get install pcscd vsmartcard-vpcd).",
    "The private keys stay in the sandbox. Ends with CARD_LOST when the card is laid on another reader.",
  ],
  async run({ values, positionals, places, json, print }) {
    const [id] = positionals as [string];
    const port = Number(values["vpcd-port"] ?? defaultPort);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new CliError("USAGE", "--vpcd-port is a port number");
    const card = await RemoteCard.find(places.sandbox, id);
    const interruption = untilInterrupted();
    const about = { person: id, reader: `vpcd 127.0.0.1:${port}`, atr: Buffer.from(card.atr).toString("hex") };
    print(json ? JSON.stringify(about) : `${id} → ${about.reader}  (Ctrl+C で取り出す / takes it out)`);
    try {
      await attachToVpcd(card, { host: "127.0.0.1", port, signal: interruption.signal });
    } finally {
      interruption.stop();
    }
    return undefined;
  },
});
