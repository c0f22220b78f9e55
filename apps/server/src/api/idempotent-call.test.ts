import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiProblem } from "../http/problem.ts";
import { TestWorld } from "../test-world.ts";
import { answerKeptFor, answerOnce, claimedFor, parseIdempotencyKey } from "./idempotent-call.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
}, 120_000);
afterAll(() => world.close());

const digest = (text: string) => createHash("sha256").update(text).digest();
const callOf = (key: string = randomUUID(), body = "body", clientId = "bank") => ({
  clientId,
  key,
  digest: digest(body),
});

function counting() {
  const ids: string[] = [];
  return { ids, work: async (id: string) => ({ id, times: ids.push(id) }) };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("a call under an idempotency key", () => {
  it("is done once and answered the same each time", async () => {
    const { ids, work } = counting();
    const call = callOf();
    const first = await answerOnce(world.platform, call, work);
    const second = await answerOnce(world.platform, call, work);
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.answer).toEqual(first.answer);
    expect(ids).toHaveLength(1);
  });

  it("is done once of twenty at the same time", async () => {
    const { ids, work } = counting();
    const call = callOf();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(answerOnce(world.platform, call, work))),
    );
    expect(ids).toHaveLength(1);
    // Who comes when the first has ended gets its answer, who comes before is told so.
    for (const outcome of outcomes) expect(["done", "IDEMPOTENCY_KEY_IN_USE"]).toContain(outcome);
  });

  it("is refused with another body", async () => {
    const { ids, work } = counting();
    const key = randomUUID();
    await answerOnce(world.platform, callOf(key), work);
    expect(await codeOf(answerOnce(world.platform, callOf(key, "other"), work))).toBe("IDEMPOTENCY_KEY_REUSED");
    expect(ids).toHaveLength(1);
  });

  it("has nothing to do with the same key of another client", async () => {
    const { ids, work } = counting();
    const key = randomUUID();
    await answerOnce(world.platform, callOf(key), work);
    await answerOnce(world.platform, callOf(key, "body", "shop"), work);
    expect(ids).toHaveLength(2);
  });

  it("that was cut off is done again with the same id, and not before its time", async () => {
    const call = callOf();
    const cut = new Promise<string>((resolve) => {
      answerOnce(world.platform, call, (id) => {
        resolve(id);
        return new Promise(() => undefined);
      }).catch(() => undefined);
    });
    const id = await cut;
    const { ids, work } = counting();
    expect(await codeOf(answerOnce(world.platform, call, work))).toBe("IDEMPOTENCY_KEY_IN_USE");
    const outcomes = await world.later(claimedFor, () =>
      Promise.all(Array.from({ length: 5 }, () => codeOf(answerOnce(world.platform, call, work)))),
    );
    expect(outcomes).toContain("done");
    expect(ids).toEqual([id]);
  });

  it("that failed is done again at once with the same id", async () => {
    const call = callOf();
    let failed = "";
    const failing = async (id: string) => {
      failed = id;
      throw new Error("the disk is full");
    };
    await expect(answerOnce(world.platform, call, failing)).rejects.toThrow("the disk is full");
    const { ids, work } = counting();
    await answerOnce(world.platform, call, work);
    expect(ids).toEqual([failed]);
  });

  it("that was refused leaves the key free, for another body too", async () => {
    const key = randomUUID();
    const refusing = async () => {
      throw new ApiProblem("REQUEST_INVALID");
    };
    expect(await codeOf(answerOnce(world.platform, callOf(key), refusing))).toBe("REQUEST_INVALID");
    const { work } = counting();
    expect(await codeOf(answerOnce(world.platform, callOf(key, "mended"), work))).toBe("done");
  });

  it("is new after a day", async () => {
    const { ids, work } = counting();
    const key = randomUUID();
    await answerOnce(world.platform, callOf(key), work);
    await world.later(answerKeptFor, () => answerOnce(world.platform, callOf(key, "other"), work));
    expect(new Set(ids).size).toBe(2);
  });

  it("stands nowhere in the clear: neither key nor answer", async () => {
    const call = callOf();
    await answerOnce(world.platform, call, async () => ({ secret: "whsec_visible" }));
    const rows = await world.platform.database.selectFrom("idempotent_calls").selectAll().execute();
    const text = rows.map((row) =>
      Object.values(row)
        .map((value) => (Buffer.isBuffer(value) ? value.toString("latin1") : value))
        .join(),
    );
    expect(text.join()).not.toContain("whsec_visible");
    expect(text.join()).not.toContain(call.key);
  });
});

describe("an idempotency key", () => {
  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["8e03978e", "8e03978e"],
    ['"with a space"', "with a space"],
  ])("may be %s", (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each(["", '""', '"', "a b", "ö", `"${"x".repeat(256)}"`, 'a"b'])("may not be %j", (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ code: "REQUEST_INVALID" }));
  });
});
