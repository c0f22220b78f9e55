import { createPrivateKey } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { applications } from "./card-files.ts";
import type { CardState } from "./card-state.ts";
import { createCard } from "./create-card.ts";
import { poweredCard, selects, verifyCommand } from "./powered-card.ts";
import { draftContents, testContents } from "./test-card.ts";
import { VirtualCard } from "./virtual-card.ts";

/** More of them by command: `XID_FUZZ_RUNS=100000 npx vitest run --project parts any-command`. */
const numRuns = Number(process.env.XID_FUZZ_RUNS ?? 150);
const timeout = 30_000 + 50 * numRuns;

const card = finishedCard();
const others = [
  ...(["android", "iphone"] as const).map((model) => createCard(testContents({ model }))),
  createCard(draftContents()),
];

/** A card whose files are all made, so that a walk makes no keys. */
function finishedCard(): CardState {
  const { send, stored } = poweredCard();
  for (const command of [
    ...["00ca00f8000000", "00ca7f21000000", selects.common, "0088009901aa00"],
    ...[selects.text, verifyCommand(0x11, "5678"), ...[3, 4, 6, 7].map((file) => `00b08${file}00000000`)],
    ...[selects.visual, verifyCommand(0x11, "020102"), verifyCommand(0x13, "123456789018")],
    ...[1, 2, 4, 5].map((file) => `00b08${file}00000000`),
  ]) {
    expect(send(command)).toMatch(/9000$/);
  }
  return stored.state;
}

const anyBytes = fc.uint8Array({ maxLength: 300 }).map(toHex);
const digestInfo = `33${"3031300d060960864801650304020105000420"}${"5a".repeat(32)}`;

/** Near the truth, so that a walk gets into the card: applications, files, and commands put together of likely parts. */
const likely = fc.oneof(
  fc.constantFrom(...Object.values(selects)),
  fc.constantFrom(applications.draftAuthentication, applications.draftFace).map((name) => `00a4040c0a${name}`),
  fc.integer({ min: 0, max: 0x1e }).map((file) => `00a4020c0200${toHex(Uint8Array.of(file))}`),
  fc.constantFrom(
    ...[verifyCommand(0x18, "1234"), verifyCommand(0x1b, "ABC123"), verifyCommand(0x11, "5678")],
    ...[verifyCommand(0x14, "123456789018"), verifyCommand(0x13, "123456789018"), verifyCommand(0x1c, "5678")],
    ...["002401980434333231", "0024019106414243313233", "8032009c0434333231", "80fc0000"],
    `80ae0000000100${"5a".repeat(256)}`,
  ),
  fc
    .tuple(
      fc.constantFrom("00", "08", "0c", "80"),
      fc.constantFrom("20", "24", "2a", "32", "84", "88", "a2", "a4", "ae", "b0", "b2", "ca"),
      fc.constantFrom("00", "01", "02", "03", "04", "05", "81", "88", "8a", "97", "98", "9a", "7f"),
      fc.constantFrom("00", "04", "0c", "21", "42", "80", "91", "93", "94", "97", "98", "99", "9a", "9b", "9c"),
      fc.constantFrom(
        "",
        "00",
        "000000",
        "0431323334",
        "0430303030",
        "06414243313233",
        `${digestInfo}00`,
        "0401020304",
      ),
    )
    .map((parts) => parts.join("")),
);

const walks = fc.array(fc.oneof({ weight: 1, arbitrary: anyBytes }, { weight: 6, arbitrary: likely }), {
  maxLength: 40,
});
const cards = fc.constantFrom(card, card, ...others);

/** By application and file. */
function counters({ applications }: CardState): Map<string, { tries: number; value: string | null }> {
  return new Map(
    applications.flatMap(({ identifier, files }) =>
      Object.entries(files).flatMap(([name, file]) =>
        file.kind === "pin" ? [[`${identifier} ${name}`, { tries: file.tries, value: file.value }] as const] : [],
      ),
    ),
  );
}

const secrets = [card, ...others].flatMap(({ applications }) =>
  applications.flatMap(({ files }) =>
    Object.values(files).flatMap((file) => {
      if (file.kind !== "key" || file.privateKey === null) return [];
      const key = createPrivateKey({ key: Buffer.from(file.privateKey, "base64"), format: "der", type: "pkcs8" });
      const { d, p, q } = key.export({ format: "jwk" });
      const parts = [d, p, q].filter((part) => part !== undefined);
      return parts.map((part) => Buffer.from(part, "base64url").toString("hex").slice(0, 64));
    }),
  ),
);

test("any commands get at least a status word, and never any of a private key", { timeout }, () => {
  fc.assert(
    fc.property(cards, walks, (state, walk) => {
      const { send } = poweredCard(state);
      for (const command of walk) {
        const answer = send(command);
        expect(answer.length).toBeGreaterThanOrEqual(4);
        for (const secret of secrets) expect(answer).not.toContain(secret);
      }
    }),
    { numRuns },
  );
});

test("no counter rises but by the right value in VERIFY, and every wrong one costs a try", { timeout }, () => {
  fc.assert(
    fc.property(cards, walks, (state, walk) => {
      const written = [state];
      const card = new VirtualCard(state, { persist: (next) => void written.push(next) });
      card.powerOn();
      for (const command of walk) {
        written.splice(0, written.length - 1);
        const answer = toHex(card.transmit(fromHex(command)!));
        for (const [index, after] of written.slice(1).entries()) {
          for (const [name, { tries }] of counters(after)) {
            const { tries: then, value } = counters(written[index]!).get(name)!;
            if (tries <= then) continue;
            expect(answer).toBe("9000");
            expect(command.slice(0, 6)).toBe("002000");
            expect(command.slice(10)).toBe(toHex(Buffer.from(value!, "latin1")));
          }
        }
        const isAttempt = command.startsWith("002000") && command.length > 8 && answer.startsWith("63c");
        if (isAttempt) expect(sum(counters(written.at(-1)!))).toBe(sum(counters(written[0]!)) - 1);
      }
    }),
    { numRuns },
  );
});

function sum(all: Map<string, { tries: number }>): number {
  return [...all.values()].reduce((total, { tries }) => total + tries, 0);
}

test("after any commands, and whichever of its writes fail, the card is what its stored state says", {
  timeout,
}, () => {
  fc.assert(
    fc.property(cards, walks, fc.infiniteStream(fc.boolean()), (state, walk, failures) => {
      let stored = state;
      const persist = (next: CardState) => {
        if (failures.next().value) throw new Error("torn away");
        stored = next;
      };
      const torn = new VirtualCard(state, { persist });
      torn.powerOn();
      for (const command of walk) torn.transmit(fromHex(command)!);
      torn.reset();
      // A state that no card can be in is refused here.
      const again = poweredCard(JSON.parse(JSON.stringify(stored)));
      for (const [name, { tries }] of counters(stored)) {
        const [application, file] = name.split(" ") as [string, string];
        const select = `00a4040c${toHex(Uint8Array.of(application.length / 2))}${application}`;
        const empty = `002000${toHex(Uint8Array.of(0x80 | Number.parseInt(file, 16)))}`;
        for (const send of [again.send, (command: string) => toHex(torn.transmit(fromHex(command)!))]) {
          expect(send(select)).toBe("9000");
          expect(send(empty)).toBe(`63c${tries.toString(16)}`);
        }
      }
    }),
    { numRuns },
  );
});
