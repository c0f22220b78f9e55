import type { ItemName, RequestDisplay } from "@xid/protocol";
import { describe, expect, it } from "vitest";
import { allowedItems, nextRequestState, type RequestEvent, type RequestState } from "./machine.ts";

const characters = { substitutes: [], privateUse: [], variationSequences: [] };
const plain = { purpose: null, withheld: null };

const display = (via: "link" | "qr"): Extract<RequestDisplay, { kind: "sign_in" }> => ({
  requestId: "abcdefghijklmnop",
  kind: "sign_in",
  client: { clientId: "bank", name: { ja: "はるかぜ銀行", en: "Harukaze Bank" }, domain: "bank.example" },
  purpose: { ja: "口座開設", en: "Opening an account" },
  items: [
    { name: "name", required: true, value: "山田　花子", characters, ...plain },
    { name: "birthdate", required: false, value: "1990-01-02", ...plain },
    { name: "address", required: false, value: { formatted: "東京都", country: "JP" }, characters, ...plain },
  ],
  alreadyGranted: ["address"],
  offlineAccess: false,
  via,
  checkNumber: via === "qr" ? "42" : null,
  expiresAt: 2_000_000_000,
});
const link = { requestId: "abcdefghijklmnop", via: "link" } as const;
const start: RequestState = { at: "opening", link };
const run = (events: RequestEvent[]) => events.reduce(nextRequestState, start);
const decision = { state: "approved", returnTo: null } as const;

const toSign = (): RequestDisplay => ({
  ...display("link"),
  kind: "card_signature",
  signature: {
    display: {
      layout: "account_opening",
      institution: { ja: "はるかぜ銀行", en: "Harukaze Bank" },
      account: "ordinary",
    },
    document: { form: "text", text: "x", digest: "A".repeat(43), size: 1 },
  },
});

const events: RequestEvent[] = [
  { type: "opened", display: display("link") },
  { type: "opened", display: display("qr") },
  { type: "opened", display: toSign() },
  { type: "same_screen" },
  { type: "approved", items: [], latest: false, holderVerified: false },
  { type: "approved", items: ["birthdate"], latest: false, holderVerified: true },
  { type: "holder_verified" },
  { type: "not_verified" },
  { type: "card_stopped" },
  { type: "declined" },
  { type: "decided", decision },
  { type: "failed", problem: { code: "REQUEST_EXPIRED" } },
  { type: "retry" },
];

function walk() {
  const seen = new Map<string, RequestState>();
  const steps: { from: RequestState; event: RequestEvent; to: RequestState }[] = [];
  const queue: RequestState[] = [start];
  for (let state = queue.shift(); state; state = queue.shift()) {
    if (seen.has(JSON.stringify(state))) continue;
    seen.set(JSON.stringify(state), state);
    for (const event of events) {
      const to = nextRequestState(state, event);
      if (to === state) continue;
      steps.push({ from: state, event, to });
      queue.push(to);
    }
  }
  return { states: [...seen.values()], steps };
}

describe("a request, over all states that can be reached", () => {
  const { states, steps } = walk();

  it("reaches every state there is", () => {
    expect(new Set(states.map(({ at }) => at))).toEqual(
      new Set(["opening", "compare", "consent", "verify", "card", "approving", "declining", "done", "problem"]),
    );
  });

  it("shows what came from another screen only after the person has compared", () => {
    for (const { from, to } of steps) {
      if (to.at !== "consent" || to.display.via !== "qr") continue;
      expect(["compare", "verify", "card"]).toContain(from.at);
    }
  });

  it("approves only what stood on the consent screen, with a verified holder", () => {
    for (const { from, event, to } of steps.filter(({ to: { at } }) => at === "approving" || at === "card")) {
      const verified = event.type === "holder_verified" || (event.type === "approved" && event.holderVerified);
      expect(verified).toBe(true);
      expect("display" in from && "display" in to && from.display === to.display).toBe(true);
    }
  });

  it("approves a signature only with the card, and a sign-in without", () => {
    for (const { to } of steps) {
      if (to.at === "card") expect(to.display.kind).toBe("card_signature");
      if (to.at === "approving") expect(to.display.kind).toBe("sign_in");
    }
  });

  it("lets the person decline until they have approved", () => {
    for (const state of states.filter(({ at }) => ["compare", "consent", "verify"].includes(at))) {
      expect(nextRequestState(state, { type: "declined" }).at).toBe("declining");
    }
  });
});

describe("what is let go", () => {
  it("is what is required, and of the rest what was chosen, in the order shown", () => {
    expect(allowedItems(display("link"), [])).toEqual(["name"]);
    expect(allowedItems(display("link"), ["address", "birthdate"])).toEqual(["name", "birthdate", "address"]);
  });

  it("is never what was not asked for", () => {
    expect(allowedItems(display("link"), ["gender" satisfies ItemName])).toEqual(["name"]);
  });

  it("holds no optional item that was allowed before, unless it is chosen again", () => {
    const state = run([
      { type: "opened", display: display("link") },
      { type: "approved", items: [], latest: false, holderVerified: true },
    ]);
    expect(state).toMatchObject({ at: "approving", items: ["name"] });
  });
});
