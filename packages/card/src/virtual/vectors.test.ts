import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCardAuthorities } from "../card-authorities.ts";
import { fromHex, toHex } from "../hex.ts";
import { TextApplication } from "../text.ts";
import { verifyText } from "../text-files.ts";
import { verifyCardFace } from "../visual-files.ts";
import { applications } from "./card-files.ts";
import { type CardState, parseCardState } from "./card-state.ts";
import { poweredCard, selects, verifyCommand } from "./powered-card.ts";

type Vectors = {
  card: string;
  dialogues: {
    id: string;
    about: string;
    good: boolean;
    exchanges: { command: string; response: string; random?: true }[];
  }[];
};

const folder = new URL("../../../../vectors/card/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

/** The card of a file, with the random bytes that the vectors were made with. */
function cardOf({ card }: Vectors): ReturnType<typeof poweredCard> {
  let next = 0;
  const randomBytes = (size: number) => Uint8Array.from({ length: size }, () => next++ & 0xff);
  return poweredCard(parseCardState(read(card)), { randomBytes });
}

describe.each(names)("vectors/card/%s", (name) => {
  const vectors = read(name) as Vectors;

  test.each(vectors.dialogues.map(({ id, exchanges }) => [id, exchanges] as const))("%s", (_, exchanges) => {
    const { send } = cardOf(vectors);
    expect(exchanges.map(({ command }) => ({ command, response: send(command) }))).toEqual(
      exchanges.map(({ command, response }) => ({ command, response })),
    );
  });

  test("every broken dialogue begins as a good one and ends in another status", () => {
    const good = vectors.dialogues.filter((dialogue) => dialogue.good);
    for (const broken of vectors.dialogues.filter((dialogue) => !dialogue.good)) {
      const origin = good.find(({ id }) => id === broken.id.split("/")[0]);
      expect(origin, broken.id).toBeDefined();
      expect(broken.exchanges.at(-1)!.response, broken.id).toMatch(/^6...$/);
    }
  });
});

describe("what the vectors' cards say of their holder is signed under the vectors' authorities", () => {
  const authorities = parseCardAuthorities(read("cards/authorities.json"));
  const face = (state: CardState, select: string) => {
    const { send } = poweredCard(state);
    send(select);
    send(verifyCommand(0x13, state.printed.myNumber));
    const file = (sfi: number) => fromHex(send(`00b0${toHex(Uint8Array.of(0x80 | sfi))}00000000`).slice(0, -4))!;
    return verifyCardFace({ file: file(2), certificate: file(4) }, authorities);
  };

  test("on the card", async () => {
    const state = read("cards/card.json") as CardState;
    const { card } = poweredCard(state);
    const application = await TextApplication.select({ transmit: async (command) => card.transmit(command) });
    await application.verifyPin("5678");
    const verified = verifyText(await application.readSignedText({ myNumber: true, attributes: true }), authorities);
    expect(verified.myNumber).toBe(state.printed.myNumber);
    expect(verified.attributes?.name).toBe(state.printed.name);
    expect(face(state, selects.visual).gender).toBe(state.printed.gender);
  });

  test("on the draft", () => {
    const state = read("cards/next-draft.json") as CardState;
    expect(face(state, `00a4040c0a${applications.draftFace}`).birthdate).toBe(state.printed.birthdate);
  });
});
