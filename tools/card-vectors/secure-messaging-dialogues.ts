import { TextApplication } from "@xid/card";
import type { CardState } from "@xid/card/virtual";
import { type Dialogue, poweredCard, type Step, step } from "./dialogue.ts";
import type { KnownCard } from "./dialogues.ts";

/** What this package's own client says in a session, with random bytes 80 81 82 …; then the same broken. */
export async function secureMessagingDialogues(card: KnownCard, state: CardState): Promise<Dialogue[]> {
  const steps = await session(card, state);
  const first = steps.findIndex(({ send }) => send.startsWith("08"));
  const again = steps[first]!.send;
  const over = step(again, "69fc");
  const broken = (id: string, about: string, send: string) => ({
    id,
    about,
    after: first,
    steps: [step(send, "6988"), over],
  });
  const setSessionKey = steps[first - 1]!.send;
  return [
    {
      id: "session",
      about: "SET SESSION KEY after the PIN; then 照合番号A, My Number and attributes are hidden.",
      steps,
      broken: [
        {
          id: "counter",
          about: "A command with the counter of the one before.",
          after: first + 1,
          steps: [step(again, "6988"), over],
        },
        broken("swapped-objects", "An expected length where encrypted data belong.", "0820009405 9603000011"),
        broken("two-objects", "Two data objects.", "08b000000a 9603000011 9603000011 00"),
        broken("padding-indicator", "Padding indicator 02.", `0820009413 861102${"00".repeat(16)}`),
        broken("no-object", "No data object.", "08b0000000"),
        {
          id: "authenticated-header",
          about: "CLA 0C: there is no key for checksums.",
          after: first,
          steps: [step("0cb0000005 9603000011 00", "6987")],
        },
        {
          id: "before-session",
          about: "Before SET SESSION KEY.",
          after: first - 1,
          steps: [over],
        },
        {
          id: "before-pin",
          about: "SET SESSION KEY before the PIN.",
          after: 1,
          steps: [step(setSessionKey, "6982")],
        },
        {
          id: "tampered-key",
          about: "SET SESSION KEY with one bit changed.",
          after: first - 1,
          steps: [
            step(setSessionKey.slice(0, -1) + (Number.parseInt(setSessionKey.slice(-1), 16) ^ 1).toString(16), "6a80"),
          ],
        },
      ],
    },
    {
      id: "elsewhere",
      about: "Other applications have no key delivery, or none that a holder opens.",
      steps: [
        ...[step("00a4040c0ad3921000310001010100", "9000"), step(setSessionKey, "66f1")],
        ...[step("00a4040c0ad3921000310001010402", "9000"), step(setSessionKey, "66f1")],
        ...[step("00a4040c0ad392f000260100000001", "9000"), step(setSessionKey, "6982")],
        ...[step("00a4040c0ad3921000310001010401", "9000"), step(setSessionKey, "6982")],
      ],
    },
  ];
}

async function session({ text, numberA }: KnownCard, state: CardState): Promise<Step[]> {
  const virtual = poweredCard(state);
  const steps: Step[] = [];
  let next = 0x80;
  const application = await TextApplication.select({
    async transmit(command) {
      const send = Buffer.from(command).toString("hex");
      const response = virtual.transmit(command);
      steps.push(step(send, Buffer.from(response).toString("hex").slice(-4)));
      return response;
    },
  });
  await application.verifyPin(text);
  await application.startSecureMessaging((size) => Uint8Array.from({ length: size }, () => next++ & 0xff));
  await application.verifyNumber("A", numberA);
  await application.readMyNumber();
  await application.readAttributes();
  return steps;
}
