/**
 * Writes vectors/attributes: what may be said of a person from the texts of a signature certificate, and what may not. What must
 * come of each is written down here by hand, never asked of the server.
 *
 *   node tools/make-attribute-vectors.ts             write them
 *   node tools/make-attribute-vectors.ts --check     end with 1 when they are not as they would be written
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [option] = process.argv.slice(2);
if (option !== undefined && option !== "--check") {
  console.error("usage: node tools/make-attribute-vectors.ts [--check]");
  process.exit(2);
}

/** Birth date, age, day in Japan; whether it is reached, or null where that is not certain. */
const ages: [why: string, birthdate: string, years: number, today: string, reached: boolean | null][] = [
  ["the day before the birthday", "2008-04-01", 18, "2026-03-31", false],
  ["the birthday", "2008-04-01", 18, "2026-04-01", true],
  ["born on 29 February: 28 February of a common year", "2008-02-29", 18, "2026-02-28", false],
  ["born on 29 February: 1 March of a common year", "2008-02-29", 18, "2026-03-01", true],
  ["born on 29 February: 28 February of a leap year", "2004-02-29", 20, "2024-02-28", false],
  ["born on 29 February: 29 February of a leap year", "2004-02-29", 20, "2024-02-29", true],
  ["no day: the last of the month", "2008-04-00", 18, "2026-04-30", null],
  ["no day: after the month", "2008-04-00", 18, "2026-05-01", true],
  ["no day: before the month", "2008-04-00", 18, "2026-03-31", false],
  ["no month: the year is not over", "2008-00-00", 18, "2026-12-30", null],
  ["no month: the next year", "2008-00-00", 18, "2027-01-01", true],
  ["no month: the year before", "2008-00-00", 18, "2025-12-31", false],
  ["no year", "0000-02-29", 18, "2026-12-31", null],
  ["nothing", "0000-00-00", 18, "2026-12-31", null],
];

/** The certificate's name and the positions of its stand-ins; family and given name, or null. */
const names: [why: string, name: string, substitutes: number[], divided: [family: string, given: string] | null][] = [
  ["the register's form", "山田　花子", [], ["山田", "花子"]],
  ["a given name in katakana", "佐々木　エリカ", [], ["佐々木", "エリカ"]],
  ["a family name in katakana", "スミス　花子", [], ["スミス", "花子"]],
  ["a private use character", "\u{e000}田　花子", [], ["\u{e000}田", "花子"]],
  ["a variation sequence", "葛\u{e0100}城　花子", [], ["葛\u{e0100}城", "花子"]],
  ["stand-ins", "〓田　〓子", [0, 3], ["〓田", "〓子"]],
  ["the same signs, but not marked as stand-ins", "〓田　〓子", [], null],
  ["the Latin alphabet", "ＳＭＩＴＨ　ＪＯＨＮ", [], null],
  ["several parts in the Latin alphabet", "ＶＯＮ　ＨＯＨＥＮＦＥＬＤ　ＭＡＸＩＭＩＬＩＡＮ", [], null],
  ["katakana alone: which part is which is the holder's", "スミス　エリカ", [], null],
  ["a former name beside it", "山田［佐藤］　花子", [], null],
  ["three parts", "山田　花子　エリカ", [], null],
  ["no space", "山田花子", [], null],
  ["a space of another width", "山田 花子", [], null],
  ["nothing after the space", "山田　", [], null],
];

type Located = [region: string, locality: string, code: string, street: string];

/** The certificate's address; its parts, or null where its municipality is not known for certain. */
const addresses: [why: string, address: string, located: Located | null][] = [
  ["a special ward", "東京都千代田区千代田１番１号", ["東京都", "千代田区", "13101", "千代田１番１号"]],
  [
    "a ward of a designated city",
    "神奈川県横浜市中区山下町１番地",
    ["神奈川県", "横浜市中区", "14104", "山下町１番地"],
  ],
  ["a ward since 2024", "静岡県浜松市中央区元城町１番地", ["静岡県", "浜松市中央区", "22138", "元城町１番地"]],
  ["a ward until 2023: the city", "静岡県浜松市中区元城町１番地", ["静岡県", "浜松市", "22130", "中区元城町１番地"]],
  ["a town in its district", "北海道虻田郡ニセコ町字本通１番地", ["北海道", "虻田郡ニセコ町", "01395", "字本通１番地"]],
  ["a town without a district", "東京都大島町元町", ["東京都", "大島町", "13361", "元町"]],
  ["a city with 郡 in its name", "福島県郡山市朝日１丁目", ["福島県", "郡山市", "07203", "朝日１丁目"]],
  ["a variation sequence", "奈良県葛\u{e0100}城市柿本", ["奈良県", "葛\u{e0100}城市", "29211", "柿本"]],
  ["abroad", "国外転出者（本籍地　東京都千代田区）", null],
  ["no prefecture", "千代田区千代田１番１号", null],
  ["a municipality that there is not", "東京都架空区中央一丁目", null],
  ["a stand-in in the municipality", "東京都〓飾区金町", null],
  ["nothing after the prefecture", "東京都", null],
];

/** A text and the positions of its stand-ins; positions of private use characters and of variation sequences. */
const characters: [why: string, text: string, substitutes: number[], privateUse: number[], variations: number[]][] = [
  ["nothing", "山田　花子", [], [], []],
  ["beyond the basic plane a character is one", "𠮷\u{e000}", [], [1], []],
  ["a sequence is at its first character", "葛\u{e0100}城", [], [], [0]],
  ["all of them", "𠮷\u{e000}葛\u{e0100}〓", [4], [1], [2]],
];

const files = {
  "ages.json": ages.map(([why, birthdate, years, today, reached]) => ({ why, birthdate, years, today, reached })),
  "names.json": names.map(([why, name, substitutes, divided]) => ({
    why,
    name,
    substitutes,
    divided: divided && { family: divided[0], given: divided[1] },
  })),
  "addresses.json": addresses.map(([why, address, located]) => ({
    why,
    address,
    located: located && { region: located[0], locality: located[1], code: located[2], street: located[3] },
  })),
  "characters.json": characters.map(([why, text, substitutes, privateUse, variationSequences]) => ({
    why,
    text,
    flags: { substitutes, privateUse, variationSequences },
  })),
};
for (const [name, vectors] of Object.entries(files)) {
  const path = join(import.meta.dirname, "../vectors/attributes", name);
  const text = `${JSON.stringify(vectors, null, 2)}\n`;
  if (option !== "--check") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (readFileSync(path, "utf8") !== text) {
    console.error(`${path} is not what tools/make-attribute-vectors.ts writes`);
    process.exitCode = 1;
  }
}
