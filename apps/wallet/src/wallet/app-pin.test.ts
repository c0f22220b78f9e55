import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { pinHash } from "../platform/pin-hash.web.ts";
import type { PinHash, SecretStore } from "../platform/ports.ts";
import { AppPin, isPin, isSimplePin, normalizePin } from "./app-pin.ts";

class MemorySecrets implements SecretStore {
  readonly texts = new Map<string, string>();
  #queue: Promise<unknown> = Promise.resolve();

  async get(key: string) {
    return this.texts.get(key) ?? null;
  }
  async set(key: string, value: string) {
    this.texts.set(key, value);
  }
  async delete(key: string) {
    this.texts.delete(key);
  }
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

const fast: PinHash = { iterations: 1000, derive: pinHash.derive };
const random = (length: number) => Uint8Array.from(randomBytes(length));

describe("the app PIN", () => {
  let secrets: MemorySecrets;
  let pin: AppPin;
  beforeEach(async () => {
    secrets = new MemorySecrets();
    pin = new AppPin(secrets, fast, random);
    await pin.setFirst("271828");
  });

  it("takes the right one and counts the wrong ones down", async () => {
    expect(await pin.check("271828")).toEqual({ state: "right" });
    expect(await pin.check("000000")).toEqual({ state: "wrong", triesLeft: 4 });
    expect(await pin.check("000001")).toEqual({ state: "wrong", triesLeft: 3 });
    expect(await pin.check("271828")).toEqual({ state: "right" });
    expect(await pin.triesLeft()).toBe(5);
  });

  it("is set first by one of two windows, and stays that one's", async () => {
    const both = [new MemorySecrets()].flatMap((shared) => [0, 1].map(() => new AppPin(shared, fast, random)));
    const set = await Promise.all(both.map((window, index) => window.setFirst(["314159", "161803"][index]!)));
    expect(set).toEqual([true, false]);
    expect(await both[1]!.check("314159")).toEqual({ state: "right" });
    expect(await both[0]!.check("161803")).toMatchObject({ state: "wrong" });
  });

  it("is blocked after five wrong ones, for the right one too, until a new one is set", async () => {
    for (let time = 0; time < 4; time++) await pin.check("000000");
    expect(await pin.check("000000")).toEqual({ state: "blocked" });
    expect(await pin.check("271828")).toEqual({ state: "blocked" });
    expect(await pin.triesLeft()).toBe(0);
    await pin.replace("314159");
    expect(await pin.check("314159")).toEqual({ state: "right" });
  });

  it("has counted a try before its answer is known", async () => {
    const stuck = new AppPin(secrets, { iterations: 1, derive: () => Promise.reject(new Error("killed")) }, random);
    await expect(stuck.check("271828")).rejects.toThrow("killed");
    expect(await pin.triesLeft()).toBe(4);
  });

  it("gives no more tries to many at once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => pin.check(`00000${index % 10}`)));
    expect(answers.filter(({ state }) => state === "wrong")).toHaveLength(4);
    expect(await pin.triesLeft()).toBe(0);
  });

  it("keeps the PIN nowhere, and a new salt each time", async () => {
    const first = secrets.texts.get("app-pin");
    expect(first).not.toContain("271828");
    await pin.replace("271828");
    expect(secrets.texts.get("app-pin")).not.toBe(first);
  });

  it("does not exist before it is set", async () => {
    const none = new AppPin(new MemorySecrets(), fast, random);
    expect(await none.triesLeft()).toBeNull();
    expect(await none.check("271828")).toEqual({ state: "blocked" });
  });

  it("is hashed in at least 600,000 rounds in a browser", () => {
    expect(pinHash.iterations).toBeGreaterThanOrEqual(600_000);
  });
});

describe("what is typed as a PIN", () => {
  it("may be pasted with separators or in full width", () => {
    expect(normalizePin(" 27-18 28 ")).toBe("271828");
    expect(normalizePin("２７１８２８")).toBe("271828");
    expect(normalizePin("2718281828")).toBe("271828");
  });

  it("is six digits, whatever else is there", () => {
    fc.assert(fc.property(fc.string(), (text) => /^[0-9]{0,6}$/.test(normalizePin(text))));
    expect(isPin("27182")).toBe(false);
    expect(isPin("27182a")).toBe(false);
  });

  it.each(["000000", "123456", "987654", "456789"])("is too simple as %s", (simple) => {
    expect(isSimplePin(simple)).toBe(true);
  });

  it.each(["271828", "112233", "135790", "000001"])("is not too simple as %s", (fine) => {
    expect(isSimplePin(fine)).toBe(false);
  });
});
