import { type CardConnection, CardError } from "@xid/card";
import { CliError } from "../cli-error.ts";
import type { Option } from "../command.ts";
import type { Language } from "../language.ts";
import type { Places } from "../places.ts";
import { untilInterrupted } from "../until-interrupted.ts";

/** Options of every verb that works on a card. */
export const cardOptions = {
  person: { type: "string", value: "ID", help: "住民のカード（サンドボックス） / the card of a sandbox resident" },
  phone: { type: "boolean", help: "カードでなくスマートフォン / with --person: the phone that has certificates" },
  reader: {
    type: "string",
    value: "READER",
    help: "リーダーの番号か名前の一部 / reader: its number, or part of its name",
  },
} as const satisfies Record<string, Option>;

/** Where a card is; both can be put into JSON. */
export type CardPlace = { person: string; phone?: true } | { reader: string };

export type CardCall = {
  values: { person?: string | undefined; phone?: boolean | undefined; reader?: string | undefined };
  places: Pick<Places, "sandbox">;
  language: Language;
};

/**
 * A resident's card in the sandbox, or the card in a reader of this computer, for as long as `work` lasts. With a
 * person at the terminal it waits for a card. Throws `CardError`, and `CliError` USAGE when the reader has to be named.
 */
export async function withCard<T>(
  call: CardCall,
  work: (card: CardConnection, place: CardPlace) => Promise<T>,
): Promise<T> {
  const { person, reader } = call.values;
  if (person !== undefined && reader !== undefined) throw new CliError("USAGE", "--person or --reader, not both");
  if (call.values.phone && person === undefined) throw new CliError("USAGE", "--phone goes with --person");
  const [card, place] = person === undefined ? await connectReader(call) : await connectPerson(call, person);
  try {
    return await work(card, place);
  } finally {
    await card.close();
  }
}

async function connectPerson({ values, places }: CardCall, person: string): Promise<[CardConnection, CardPlace]> {
  const { HttpCardReader } = await import("@xid/card/http");
  const { phone } = values;
  const card = await new HttpCardReader(places.sandbox).connect(phone ? `${person}.phone` : person);
  return [card, { person, ...(phone ? { phone } : {}) }];
}

async function connectReader({ values, language }: CardCall): Promise<[CardConnection, CardPlace]> {
  const { PcscReader } = await import("@xid/card/pcsc");
  const reader = chooseReader(await PcscReader.list(), values.reader);
  if (reader.cardPresent || !process.stderr.isTTY) return [await reader.connect(), { reader: reader.name }];
  const prompt = { ja: "カードをリーダーに置いてください", en: "Put the card on the reader" }[language];
  process.stderr.write(`${prompt} (${reader.name}, Ctrl+C)\n`);
  const interruption = untilInterrupted();
  try {
    return [await reader.connect({ waitUntil: interruption.signal }), { reader: reader.name }];
  } finally {
    interruption.stop();
  }
}

/** The one that was named, or the only one with a card, or the only one. */
export function chooseReader<Reader extends { name: string; cardPresent: boolean }>(
  readers: Reader[],
  wanted: string | undefined,
): Reader {
  if (readers.length === 0) throw new CardError("READER_UNAVAILABLE", "no card reader is connected");
  const named =
    wanted === undefined
      ? readers
      : readers.filter(({ name }, index) =>
          /^[0-9]+$/.test(wanted) ? index === Number(wanted) : name.toLowerCase().includes(wanted.toLowerCase()),
        );
  const withCards = named.filter(({ cardPresent }) => cardPresent);
  const [only, ...more] = withCards.length > 0 ? withCards : named;
  if (only && more.length === 0) return only;
  const list = readers.map(({ name }, index) => `${index} ${name}`).join(", ");
  throw new CliError("USAGE", `choose one with --reader: ${list}`);
}
