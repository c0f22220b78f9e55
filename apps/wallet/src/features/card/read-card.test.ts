import { generateKeyPairSync, verify } from "node:crypto";
import { CardError, type CardTransport, JpkiApplication } from "@xid/card";
import { type CardState as Card, createCard, triesLeft, VirtualCard } from "@xid/card/virtual";
import { describe, expect, it } from "vitest";
import { nextCardState } from "./machine.ts";
import { type CardReading, readCard } from "./read-card.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const certificate = Uint8Array.of(0x30, 0x82, 0x03, 0xe8, ...new Uint8Array(1000).fill(7));
const password = "ABC123";

function newCard(changes: { signature?: null } = {}): Card {
  const keyPair = { certificate, privateKey };
  return createCard({
    signature: keyPair,
    authentication: keyPair,
    certificateAuthorities: { signature: certificate, authentication: certificate },
    pins: { signature: password, authentication: "1234", text: "5678" },
    myNumber: "123456789018",
    attributes: { name: "山田　花子", address: "東京都清瀬市", birthdate: "19900102", gender: "2" },
    card: { serialNumber: "400000012719843", municipalityCode: "13221", expiry: "20350217", securityCode: "2285" },
    ...changes,
  });
}

/** A card on a reader, which takes it away when `loseAt` commands have gone to it, before or after it has acted. */
class Reader implements CardTransport {
  state: Card;
  commands: Uint8Array[] = [];
  #card: VirtualCard;
  readonly #loss: { at: number; when: "before" | "after" } | undefined;

  constructor(state: Card, loss?: { at: number; when: "before" | "after" }) {
    this.state = state;
    this.#loss = loss;
    this.#card = new VirtualCard(state, { persist: (changed) => (this.state = changed) });
    this.#card.powerOn();
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const index = this.commands.push(Uint8Array.from(command)) - 1;
    const lost = this.#loss?.at === index ? this.#loss.when : undefined;
    if (lost === "before") throw new CardError("CARD_LOST", "taken away");
    const response = this.#card.transmit(command);
    if (lost === "after") throw new CardError("CARD_LOST", "taken away");
    return response;
  }

  /** VERIFY with a value, that is: tries. */
  get attempts(): number {
    return this.commands.filter((command) => command[1] === 0x20 && command.length > 5).length;
  }
}

function reading(changes: Partial<CardReading> = {}): CardReading & { signatures: Uint8Array[] } {
  const signatures: Uint8Array[] = [];
  return {
    purpose: "sign",
    password,
    lastTryAllowed: false,
    onStep: () => {},
    async select(transport) {
      const application = await JpkiApplication.select(transport);
      return {
        triesLeft: () => application.triesLeft("signature"),
        verifyPin: (value, options) => application.verifyPin("signature", value, options),
        step: "signing",
        async work() {
          signatures.push(await application.sign("signature", new TextEncoder().encode("one")));
          signatures.push(await application.sign("signature", new TextEncoder().encode("two")));
          expect(await application.readCertificate("signature")).toEqual(certificate);
        },
      };
    },
    ...changes,
    signatures,
  };
}

async function use(state: Card, times: number): Promise<Card> {
  let card = state;
  for (let time = 0; time < times; time++) {
    const reader = new Reader(card);
    await readCard(reader, reading({ password: "WRONG1", lastTryAllowed: true }));
    card = reader.state;
  }
  return card;
}

describe("reading a card", () => {
  it("signs both statements after one try", async () => {
    const reader = new Reader(newCard());
    const what = reading();
    expect(await readCard(reader, what)).toEqual({ type: "signed" });
    expect(reader.attempts).toBe(1);
    expect(verify("sha256", Buffer.from("two"), publicKey, what.signatures[1]!)).toBe(true);
  });

  it("tells of its steps in order", async () => {
    const steps: string[] = [];
    await readCard(new Reader(newCard()), reading({ onStep: (step) => steps.push(step) }));
    expect(steps).toEqual(["selecting", "counting", "verifying", "signing"]);
  });

  it("tells how many tries a wrong password leaves, down to a locked card", async () => {
    const wrong = reading({ password: "WRONG1", lastTryAllowed: true });
    const left: unknown[] = [];
    let card = newCard();
    for (let time = 0; time < 6; time++) {
      const reader = new Reader(card);
      left.push(await readCard(reader, wrong));
      card = reader.state;
    }
    const failed = (problem: object) => ({ type: "failed", problem });
    expect(left).toEqual([
      ...[4, 3, 2, 1].map((triesLeft) => failed({ code: "PIN_WRONG", triesLeft })),
      failed({ code: "PIN_BLOCKED" }),
      failed({ code: "PIN_BLOCKED" }),
    ]);
  });

  it("stops at one try left without trying, and tries when that was allowed", async () => {
    const card = await use(newCard(), 4);
    const stopped = new Reader(card);
    expect(await readCard(stopped, reading())).toEqual({ type: "counted", triesLeft: 1 });
    expect(stopped.attempts).toBe(0);
    expect(await readCard(new Reader(card), reading({ lastTryAllowed: true }))).toEqual({ type: "signed" });
  });

  it("only counts when it is to count", async () => {
    const reader = new Reader(await use(newCard(), 2));
    expect(await readCard(reader, reading({ purpose: "count", password: "" }))).toEqual({
      type: "counted",
      triesLeft: 3,
    });
    expect(reader.attempts).toBe(0);
  });

  it("knows a card without a signature certificate", async () => {
    const outcome = await readCard(new Reader(newCard({ signature: null })), reading());
    expect(outcome).toEqual({ type: "failed", problem: { code: "CERTIFICATE_ABSENT" } });
  });

  it("knows another kind of card", async () => {
    const transit: CardTransport = { transmit: async () => Uint8Array.of(0x6a, 0x82) };
    const outcome = await readCard(transit, reading());
    expect(outcome).toEqual({ type: "failed", problem: { code: "NOT_A_MY_NUMBER_CARD" } });
  });

  it("leaves errors that are not the card's to its caller", async () => {
    const { select } = reading();
    const failing: CardReading["select"] = async (transport) => ({
      ...(await select(transport)),
      work: () => Promise.reject(new RangeError("no room")),
    });
    await expect(readCard(new Reader(newCard()), reading({ select: failing }))).rejects.toThrow(RangeError);
  });
});

describe("a card that is taken away", async () => {
  const whole = new Reader(newCard());
  await readCard(whole, reading());
  const verifyAt = whole.commands.findIndex((command) => command[1] === 0x20 && command.length > 5);
  const losses = whole.commands.flatMap((_, at) => [{ at, when: "before" } as const, { at, when: "after" } as const]);

  it.each(losses)("at command $at, $when it acts, tells the password's true fate and has a next step", async (loss) => {
    const before = newCard();
    const reader = new Reader(before, loss);
    const outcome = await readCard(reader, reading());
    const fate = loss.at < verifyAt ? "unused" : loss.at === verifyAt ? "uncertain" : "accepted";
    expect(outcome).toEqual({ type: "failed", problem: { code: "CARD_LOST", fate } });
    expect(reader.attempts).toBe(loss.at < verifyAt ? 0 : 1);
    expect(reader.commands).toHaveLength(loss.at + 1);
    if (outcome.type !== "failed") return;
    const next = nextCardState({ at: "problem", problem: outcome.problem }, { type: "retry" });
    expect(next).toMatchObject({ at: "tap", purpose: fate === "uncertain" ? "count" : "sign" });
  });

  it("in the middle of a wrong VERIFY has cost a try, which the next count tells", async () => {
    const reader = new Reader(newCard(), { at: verifyAt, when: "after" });
    await readCard(reader, reading({ password: "WRONG1" }));
    expect(triesLeft(reader.state, "signature")).toBe(4);
    const counting = new Reader(reader.state);
    expect(await readCard(counting, reading({ purpose: "count" }))).toEqual({ type: "counted", triesLeft: 4 });
    expect(counting.attempts).toBe(0);
  });
});
