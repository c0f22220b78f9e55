import { constants, createCipheriv, createPrivateKey, createPublicKey, publicEncrypt } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../hex.ts";
import { applications } from "./card-files.ts";
import { type CardState, fileOf } from "./card-state.ts";
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

const byte = (value: number) => toHex(Uint8Array.of(value));
const anyBytes = fc.uint8Array({ maxLength: 300 }).map(toHex);

/** A command put together of likely parts, most of which do not fit together. */
const assembled = fc
  .tuple(
    fc.constantFrom("00", "08", "0c", "80"),
    fc.constantFrom("20", "24", "2a", "32", "84", "88", "a2", "a4", "ae", "b0", "b2", "ca"),
    fc.constantFrom("00", "01", "02", "03", "04", "05", "81", "88", "8a", "97", "98", "9a", "7f"),
    fc.constantFrom("00", "04", "0c", "21", "42", "80", "91", "93", "94", "97", "98", "99", "9a", "9b", "9c"),
    fc.constantFrom("", "00", "000000", "0431323334", "0430303030", "06414243313233", "0401020304"),
  )
  .map((parts) => parts.join(""));

/** Commands that work once the right PIN was given, with some that do not. */
const useful = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 0x1f }), fc.nat(255), fc.constantFrom("00", "10", "000000", "ff"))
    .map(([file, offset, le]) => `00b0${byte(0x80 | file)}${byte(offset)}${le}`),
  fc.nat(0x20).map((file) => `00a4020c0200${byte(file)}`),
  fc.tuple(fc.nat(0x7fff), fc.nat(255)).map(([at, le]) => `00b0${byte(at >> 8)}${byte(at & 0xff)}${byte(le)}`),
  fc
    .tuple(
      fc.nat(6),
      fc.constantFrom("00", "80", "93", "97", "9a", "99"),
      fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 255 }), fc.uint8Array({ minLength: 32, maxLength: 32 })),
    )
    .map(([mode, key, data]) => `802a${byte(mode)}${key}${byte(data.length)}${toHex(data)}00`),
  fc.uint8Array({ minLength: 1, maxLength: 255 }).map((data) => `00880099${byte(data.length)}${toHex(data)}00`),
  fc.constantFrom("0042", "0066", "00f2", "00f8", "7f21", "5f51").map((tag) => `00ca${tag}000000`),
  fc.nat(3).map((record) => `00b2${byte(record)}0c00`),
  fc.nat(256).map((le) => `00840000${byte(le & 0xff)}`),
  fc.constantFrom("002401980434333231", "0024019b06414243313233", "0024019104343332" + "31", "8032009c0434333231"),
  fc.constantFrom("80fc0000", "00a40000", `80a206c1000133${"00".repeat(307)}`),
);

const secrets = {
  [selects.jpki]: [verifyCommand(0x18, "1234"), verifyCommand(0x1b, "ABC123")],
  [selects.text]: [verifyCommand(0x11, "5678"), verifyCommand(0x14, "123456789018")],
  [selects.visual]: [verifyCommand(0x11, "020102"), verifyCommand(0x12, "02010220352285")],
  [selects.common]: [verifyCommand(0x1c, "5678")],
  [selects.residentRegister]: [verifyCommand(0x1c, "5678")],
  [selects.issuerDomain]: ["00840000" + "08"],
  [`00a4040c0a${applications.draftAuthentication}`]: [verifyCommand(0x18, "1234")],
  [`00a4040c0a${applications.draftFace}`]: [verifyCommand(0x13, "123456789018")],
};

/** What a reader does in one application, right or wrong from some point on. */
const visit = fc
  .constantFrom(...Object.entries(secrets))
  .chain(([select, verifies]) =>
    fc
      .tuple(
        fc.constantFrom(...verifies, ...verifies, verifyCommand(0x18, "0000"), verifyCommand(0x11, "0000")),
        fc.array(fc.oneof({ weight: 8, arbitrary: useful }, assembled), { maxLength: 6 }),
      )
      .map(([verify, commands]) => [select, verify, ...commands]),
  );

const seed = Buffer.alloc(32, 7);

/** A session of secure messaging with `card`, its commands in order or not. */
const secured = fc
  .array(fc.tuple(fc.constantFrom("verify", "wrong", "select", "read"), fc.constantFrom(0, 0, 0, 0, 1)), {
    maxLength: 6,
  })
  .map((steps) => [
    ...[selects.text, verifyCommand(0x11, "5678"), setSessionKey()],
    ...steps.map(([what, skipped], index) => {
      if (what === "read") return "08b0000000000596030000000000";
      const header = { verify: "08200094", wrong: "08200095", select: "08a4020c" }[what];
      const data = { verify: "123456789018", wrong: "00000000000000", select: "\0\x01" }[what];
      const object = `861101${encrypted(Buffer.from(data, "latin1"), index + 1 + skipped)}`;
      return `${header}13${object}`;
    }),
  ]);

/** RSA-OAEP of a key of our own, to the key in EF 0006 of `card`. */
function setSessionKey(): string {
  const file = fileOf(card, applications.text, "delivery");
  if (file?.kind !== "key" || file.privateKey === null) throw new TypeError("the card's delivery key is not made");
  const key = createPrivateKey({ key: Buffer.from(file.privateKey, "base64"), format: "der", type: "pkcs8" });
  const message = Buffer.concat([Buffer.from("a0228020", "hex"), seed]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return `80ae0000000100${toHex(publicEncrypt({ key: createPublicKey(key), padding, oaepHash: "sha256" }, message))}`;
}

function encrypted(data: Uint8Array, counter: number): string {
  const cbc = (iv: Uint8Array, block: Uint8Array) =>
    createCipheriv("aes-128-cbc", seed.subarray(0, 16), iv).setAutoPadding(false).update(block);
  const count = Buffer.alloc(16);
  count.writeUInt32BE(counter, 12);
  const padded = Buffer.alloc(16);
  padded.set(data);
  padded[data.length] = 0x80;
  return toHex(cbc(cbc(new Uint8Array(16), count), padded));
}

const walks = fc
  .array(
    fc.oneof(
      { weight: 1, arbitrary: anyBytes.map((command) => [command]) },
      { weight: 2, arbitrary: assembled.map((command) => [command]) },
      { weight: 4, arbitrary: visit },
      { weight: 1, arbitrary: secured },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.flat());
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

const privateParts = [card, ...others].flatMap(({ applications }) =>
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
        for (const part of privateParts) expect(answer).not.toContain(part);
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
            if (command.startsWith("082000")) continue;
            expect(command.slice(0, 6)).toBe("002000");
            expect(command.slice(10)).toBe(toHex(Buffer.from(value!, "latin1")));
          }
        }
        const isAttempt = /^0[08]2000/.test(command) && command.length > 8 && answer.startsWith("63c");
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
