import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeCommand } from "../apdu.ts";
import { fromHex, toHex } from "../hex.ts";
import { createCard } from "../virtual/create-card.ts";
import { testContents } from "../virtual/test-card.ts";
import { VirtualCard } from "../virtual/virtual-card.ts";
import { type Dialogue, describe, type Exchange, freshDialogue, sentence } from "./describe.ts";

const selectJpki = "00a4040c0ad392f000260100000001";
const selectText = "00a4040c0ad3921000310001010408";
const selectVisual = "00a4040c0ad3921000310001010402";
const digestInfo = `3031300d060960864801650304020105000420${"5a".repeat(32)}`;

/** A session with the software card, in hexadecimal, and what is said of each command. */
function session() {
  const card = new VirtualCard(createCard(testContents()), { persist: () => undefined });
  card.powerOn();
  let dialogue: Dialogue = freshDialogue;
  return (command: string): Exchange => {
    const bytes = fromHex(command)!;
    const { exchange, after } = describe(dialogue, bytes, card.transmit(bytes));
    dialogue = after;
    return exchange;
  };
}

/** What is said of commands with given answers. */
function told(...exchanges: [command: string, answer: string | undefined][]): Exchange[] {
  let dialogue: Dialogue = freshDialogue;
  return exchanges.map(([command, answer]) => {
    const { exchange, after } = describe(
      dialogue,
      fromHex(command)!,
      answer === undefined ? undefined : fromHex(answer)!,
    );
    dialogue = after;
    return exchange;
  });
}

test("a signature reads like the story it is, in both languages", () => {
  const send = session();
  const commands = [
    selectJpki,
    "00a4020c02001b",
    "00200080",
    "0020008006414243313233",
    "00a4020c02001a",
    `802a008033${digestInfo}00`,
    "00a4020c020001",
    "00b0000000",
    "00b0010000",
  ];
  const said = commands.map((command) => sentence(send(command)));
  expect(said.map(({ ja }) => ja).slice(0, 8)).toEqual([
    "SELECT 公的個人認証AP → 完了",
    "SELECT 署名用パスワード → 完了",
    "VERIFY 署名用パスワード 残り回数の照会 → 残り5回",
    "VERIFY 署名用パスワード → 完了",
    "SELECT 署名用秘密鍵 → 完了",
    "COMPUTE DIGITAL SIGNATURE 署名用秘密鍵 SHA-256 → 256バイト",
    "SELECT 署名用電子証明書 → 完了",
    "READ BINARY 署名用電子証明書 → 256バイト",
  ]);
  expect(said[5]!.en).toBe("COMPUTE DIGITAL SIGNATURE signature key SHA-256 → 256 bytes");
  expect(said[8]!.en).toMatch(/^READ BINARY signature certificate from byte 256 → \d+ bytes$/);
});

test("a wrong password is told with the tries left, down to the block", () => {
  const send = session();
  send(selectJpki);
  send("00a4020c020018");
  const wrong = Array.from({ length: 4 }, () => send("00200080040000" + "0000"));
  expect(wrong.map((exchange) => sentence(exchange).ja)).toEqual([
    "VERIFY 利用者証明用暗証番号 → 不一致、残り2回",
    "VERIFY 利用者証明用暗証番号 → 不一致、残り1回",
    "VERIFY 利用者証明用暗証番号 → 不一致、ロックされました",
    "VERIFY 利用者証明用暗証番号 → ロック中",
  ]);
  expect(wrong.map(({ outcome, triesLeft }) => [outcome, triesLeft])).toEqual([
    ["refused", 2],
    ["refused", 1],
    ["refused", 0],
    ["refused", undefined],
  ]);
  const asked = send("00200080");
  expect([sentence(asked).en, asked.outcome]).toEqual([
    "VERIFY authentication PIN asking for tries left → blocked",
    "done",
  ]);
});

test.each([
  ["00a4040c07a0000000791000", "6a82", "SELECT A0000000791000 → 見つかりません"],
  ["00a4020c020009", "6a82", "SELECT EF 0009 → 見つかりません"],
  ["00b0000000", "6986", "READ BINARY 選択中のファイル → ファイルが選択されていません"],
  ["0084000008", `${"00".repeat(8)}9000`, "GET CHALLENGE → 8バイト"],
  ["00b20c0400", "6a83", "READ RECORD 選択中のファイル 12番目のレコード → レコードがありません"],
  ["00ca005000", "6a88", "GET DATA 0050 → 鍵またはデータがありません"],
  ["00cadf3005", "6d00", "GET DATA DF30 → このコマンドはありません"],
  ["90a4040c", "6e00", "SELECT 名前なし → このCLAはありません"],
  ["00e0000000", "6d00", "INS E0 → このコマンドはありません"],
  ["80e0000000", "6d00", "INS E0 CLA 80 → このコマンドはありません"],
  [`0820008012860401020304${"05".repeat(12)}`, "9000", "VERIFY 暗号化されたコマンド → 完了"],
  ["00a4", "6700", "? APDUではありません → 長さが正しくありません"],
  ["00a40000", undefined, "SELECT MF → 応答なし（カードが離れました）"],
  ["00a40000", "1234", "SELECT MF → SW 1234"],
])("%s answered %s is: %s", (command, answer, expected) => {
  expect(sentence(told([command, answer])[0]!).ja).toBe(expected);
});

test("the draft of the next card is named as one, and tells no My Number either", () => {
  const said = told(
    ["00a4040c0af053494d2d4a504b4901", "9000"],
    ["00a4020c02001a", "9000"],
    [`802a038003${"61".repeat(3)}00`, `${"5a".repeat(96)}9000`],
    ["00a4020c02000c", "9000"],
    ["00b0000011", `${toHex(Buffer.from("123456789018"))}9000`],
  );
  expect(sentence(said[0]!).ja).toBe("SELECT 認証AP（次期カードの草案） → 完了");
  expect(sentence(said[2]!).en).toBe("COMPUTE DIGITAL SIGNATURE signature key ECDSA P-384 SHA-384 → 96 bytes");
  expect(said[4]!.received).toBe(`${"**".repeat(12)}9000`);
});

test("a PIN is masked wherever it is sent, and its length is not", () => {
  const pin = "31323334";
  for (const command of [
    `0020008004${pin}`,
    `00200080000004${pin}`,
    `0024018004${pin}`,
    `8032008004${pin}`,
    `002c008004${pin}`,
    `0c20008004${pin}`,
    `0020008005${pin}`,
    `00200080${pin}${pin}`,
  ]) {
    const { exchange } = describe(freshDialogue, fromHex(command)!, fromHex("6700")!);
    expect(JSON.stringify(exchange)).not.toContain(pin);
    expect(exchange.sent).toHaveLength(command.length);
    expect(exchange.sent).toMatch(/^.{8,14}(\*\*)+$/);
  }
});

test("the answers that tell the My Number are masked; others are not, once it is certain whose they are", () => {
  const number = `ff100c${toHex(Buffer.from("123456789018"))}9000`;
  const select = (file: string): [string, string] => [`00a4020c02${file}`, "9000"];
  const read: [string, string] = ["00b0000011", number];
  const masked = `${"**".repeat(15)}9000`;
  const last = (...exchanges: [string, string][]) => told(...exchanges).at(-1)!.received;
  const text: [string, string] = [selectText, "9000"];
  expect(last(text, select("0001"), read)).toBe(masked);
  expect(last(text, ["00b0810011", number])).toBe(masked);
  // The digest of twelve digits is as good as they are.
  expect(last(text, select("0003"), read)).toBe(masked);
  expect(last([selectVisual, "9000"], select("0005"), read)).toBe(masked);
  // Nobody knows which application the beginning of four names selects.
  expect(last(["00a4040c05d392100031", "9000"], select("0002"), read)).toBe(masked);
  // After a refusal by short identifier, the selected file may be either.
  expect(last(text, select("0001"), ["00b0820011", "6982"], read)).toBe(masked);
  expect(last(text, select("0001"), ["00b0", "6700"], read)).toBe(masked);
  expect(last(text, ["08a4020c02860400000000", "9000"], read)).toBe(masked);
  expect(last(text, select("0002"), read)).toBe(number);
  expect(last([selectJpki, "9000"], select("0001"), read)).toBe(number);
});

test("any bytes are described, in both languages and at their full length", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(fc.array(fc.tuple(bytes, fc.option(bytes, { nil: undefined }))), (exchanges) => {
      let dialogue = freshDialogue;
      for (const [command, answer] of exchanges) {
        const { exchange, after } = describe(dialogue, command, answer);
        expect(exchange.sent).toHaveLength(2 * command.length);
        expect(sentence(exchange).ja).toMatch(/\S.* → \S/);
        expect(sentence(exchange).en).toMatch(/^[\x20-\x7e×→]+$/);
        dialogue = after;
      }
    }),
  );
});

test("whatever is done with the card, neither its PINs nor the My Number are in what is told", () => {
  const { pins, myNumber } = testContents();
  const secrets = [...Object.values(pins), myNumber].map((text) => toHex(Buffer.from(text)));
  const hexByte = fc.integer({ min: 0, max: 255 });
  const select = fc.constantFrom(selectJpki, selectText, selectVisual, "00a4040c06d39210003100", "00a40000");
  const file = fc
    .constantFrom(0x01, 0x02, 0x03, 0x11, 0x14, 0x15, 0x18, 0x1b, 0x1f)
    .map((id) => `00a4020c0200${toHex(Uint8Array.of(id))}`);
  const verify = fc
    .tuple(fc.constantFrom(...Object.values(pins), myNumber), fc.constantFrom(0x80, 0x91, 0x94, 0x98, 0x9b), hexByte)
    .map(([value, p2, last]) =>
      toHex(
        encodeCommand({
          cla: 0,
          ins: 0x20,
          p1: 0,
          p2,
          data: Uint8Array.of(
            ...Buffer.from(value).subarray(0, -1),
            last % 8 ? value.charCodeAt(value.length - 1) : last,
          ),
        }),
      ),
    );
  const read = fc
    .tuple(
      fc.constantFrom(0xb0, 0xb2),
      fc.constantFrom(0x00, 0x81, 0x82, 0x83, 0x8a),
      fc.constantFrom(0, 1, 4, 12),
      hexByte,
    )
    .map(([ins, p1, p2, le]) => toHex(Uint8Array.of(0x00, ins, p1, p2, le)));
  const any = fc.uint8Array({ maxLength: 12 }).map(toHex);
  const command = fc.oneof({ weight: 2, arbitrary: select }, file, verify, { weight: 2, arbitrary: read }, any);
  let reads = 0;
  fc.assert(
    fc.property(fc.array(command, { minLength: 4, maxLength: 24 }), (commands) => {
      const send = session();
      for (const each of [selectText, "00a4020c020011", "002000800435363738", ...commands]) {
        const { received } = send(each);
        if (received.startsWith("**")) reads++;
      }
      const clean = session();
      const told = JSON.stringify(commands.map((each) => clean(each)));
      for (const secret of secrets) expect(told).not.toContain(secret);
    }),
  );
  expect(reads).toBeGreaterThan(0);
});
