import type { RequestLink } from "@xid/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import type { WindowMemory } from "../platform/ports.ts";
import { keepWaitingRequests, readWaitingRequests } from "./waiting-requests.ts";

class Memory implements WindowMemory {
  text: string | null = null;
  async read() {
    return this.text;
  }
  async write(text: string | null) {
    this.text = text;
  }
}

const app = "https://app.example";
const links: RequestLink[] = [
  { requestId: "a".repeat(16), via: "link" },
  { requestId: "b".repeat(16), via: "qr", code: "12345678" },
];
const now = 1_800_000_000_000;
const none = { links: [], asked: false };

describe("requests that wait", () => {
  let memory: Memory;
  beforeEach(async () => {
    memory = new Memory();
    await keepWaitingRequests(memory, app, { links, asked: true }, now);
  });

  it("come back as they were, within a quarter of an hour", async () => {
    expect(await readWaitingRequests(memory, app, now + 14 * 60_000)).toEqual({ links, asked: true });
    expect(await readWaitingRequests(memory, app, now + 15 * 60_000)).toEqual(none);
  });

  it("leave nothing once they are answered", async () => {
    await keepWaitingRequests(memory, app, none, now);
    expect(memory.text).toBeNull();
    expect(await readWaitingRequests(memory, app, now)).toEqual(none);
  });

  it("of another app are none", async () => {
    expect(await readWaitingRequests(memory, "https://other.example", now)).toEqual(none);
  });

  it.each(["", "{", "null", "[]", '{"urls":1,"at":1800000000000}', '{"urls":["javascript:1"],"at":1800000000000}'])(
    "are none in %j",
    async (text) => {
      memory.text = text;
      expect(await readWaitingRequests(memory, app, now)).toEqual(none);
    },
  );
});
