import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Incoming, type IncomingEvent, nextIncoming, restoreIncoming, unanswered } from "./incoming.ts";

const nothing = restoreIncoming({ links: [], asked: false });
const arrived = (name: string): IncomingEvent => ({
  type: "arrived",
  request: { link: { requestId: name.padEnd(16, "_"), via: "link" }, opening: null },
});
const asked: IncomingEvent = { type: "asked" };
const decided: IncomingEvent = { type: "decided" };
const failed: IncomingEvent = { type: "failed" };
const switched: IncomingEvent = { type: "switched" };
const done: IncomingEvent = { type: "done" };
const after = (events: IncomingEvent[], from: Incoming = nothing) => events.reduce(nextIncoming, from);
const names = ({ current, other }: Incoming) =>
  [current, other].map((request) => request?.link.requestId.replaceAll("_", "") ?? null);
/** As a window that is loaded anew finds it. */
const reloaded = (incoming: Incoming) => restoreIncoming(unanswered(incoming));

describe("a request that arrives", () => {
  it("comes first when nothing waits, and makes one that nobody has seen give way", () => {
    expect(names(after([arrived("a")]))).toEqual(["a", null]);
    expect(names(after([arrived("a"), arrived("b")]))).toEqual(["b", null]);
  });

  it("waits beside the one that is on the screen; of several the newest", () => {
    expect(names(after([arrived("a"), asked, arrived("b")]))).toEqual(["a", "b"]);
    expect(names(after([arrived("a"), asked, arrived("b"), arrived("c")]))).toEqual(["a", "c"]);
  });

  it("changes nothing when it is the one on the screen", () => {
    const before = after([arrived("a"), asked, arrived("b")]);
    expect(nextIncoming(before, arrived("a"))).toEqual(before);
  });

  it("comes again with its new code when the last one failed", () => {
    const again = nextIncoming(after([arrived("a"), failed]), arrived("a"));
    expect([names(again), again.phase]).toEqual([["a", null], "waiting"]);
  });

  it("comes first after a decision or a failure", () => {
    expect(names(after([arrived("a"), asked, decided, arrived("b")]))).toEqual(["b", null]);
    expect(names(after([arrived("a"), failed, arrived("b")]))).toEqual(["b", null]);
  });

  it("in a window that is loaded anew comes first; the one that was on the screen then waits", () => {
    expect(names(nextIncoming(reloaded(after([arrived("a"), asked])), arrived("b")))).toEqual(["b", "a"]);
  });
});

describe("the request that waits beside", () => {
  const both = after([arrived("a"), asked, arrived("b")]);

  it("changes places with the first when the person wants it", () => {
    expect(names(nextIncoming(both, switched))).toEqual(["b", "a"]);
    expect(names(after([switched, asked, switched], both))).toEqual(["a", "b"]);
  });

  it("comes after the first, which does not come back once it is decided", () => {
    expect(names(after([decided, done], both))).toEqual(["b", null]);
    expect(names(after([decided, switched], both))).toEqual(["b", null]);
    expect(names(after([decided, done, done], both))).toEqual([null, null]);
  });
});

describe("a window that is loaded anew", () => {
  it("still knows what waits", () => {
    expect(names(reloaded(after([arrived("a")])))).toEqual(["a", null]);
    expect(names(reloaded(after([arrived("a"), asked, arrived("b")])))).toEqual(["a", "b"]);
  });

  it("asks nothing again that was decided", () => {
    expect(names(reloaded(after([arrived("a"), asked, decided])))).toEqual([null, null]);
    expect(names(reloaded(after([arrived("a"), asked, arrived("b"), decided])))).toEqual(["b", null]);
  });
});

it("nothing but the person's decision takes a request off the screen", () => {
  const event = fc.oneof(
    fc.constantFrom("a", "b", "c").map(arrived),
    fc.constantFrom(asked, failed, decided, switched),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.constantFrom("a", "b", "c"), (events, name) => {
      const before = after(events);
      fc.pre(before.phase === "asking");
      expect(nextIncoming(before, arrived(name)).current).toBe(before.current);
    }),
  );
});
