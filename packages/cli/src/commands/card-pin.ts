import { CommonApplication, changeResidentRegisterPin, JpkiApplication, TextApplication } from "@xid/card";
import { PinEntry, type PinKind, pinOptions } from "../card/pin-entry.ts";
import { cardOptions, withCard } from "../card/with-card.ts";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

const kinds: PinKind[] = ["signature", "authentication", "text", "resident-register"];

export const cardPin = defineCommand({
  positionals: ["WHICH"],
  options: {
    "new-pin": { type: "string", value: "PIN", help: "住民のカードだけ / with --person only: the new one" },
    ...cardOptions,
    ...pinOptions,
  },
  notes: [
    `Changes a PIN. WHICH: ${kinds.join(", ")}`,
    "The old and the new one are typed in without echo, or read from stdin, one a line.",
    "resident-register changes both copies of 住民基本台帳用暗証番号. A blocked PIN is reset by a city office only; for a",
    "sandbox resident: xid person event ID reset-pins. Tries left: xid card info",
  ],
  async run(call) {
    const { values, positionals, language } = call;
    const which = kinds.find((kind) => kind === positionals[0]);
    if (!which) throw new CliError("USAGE", `WHICH is one of ${kinds.join(", ")}`);
    const pins = new PinEntry(call);
    if (values.person !== undefined && values["new-pin"] === undefined)
      throw new CliError("USAGE", "--new-pin PIN is needed");
    return withCard(call, async (card, place) => {
      const next = async () => {
        const value = await pins.next(which);
        pins.close();
        return value;
      };
      if (which === "resident-register") {
        const old = await pins.current(which, await (await CommonApplication.select(card)).triesLeft());
        await changeResidentRegisterPin(card, old, await next(), pins.lastTry);
      } else if (which === "text") {
        const text = await TextApplication.select(card, { acceptDraft: true });
        await pins.verifyText(text);
        await text.changePin(await next());
      } else {
        const jpki = await JpkiApplication.select(card, { acceptDraft: true });
        await pins.verifyJpki(jpki, which);
        await jpki.changePin(which, await next());
      }
      return {
        json: { ...place, changed: which },
        text: { ja: "暗証番号を変更しました", en: "the PIN was changed" }[language],
      };
    });
  },
});
