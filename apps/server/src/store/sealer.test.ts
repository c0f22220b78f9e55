import { createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Sealer } from "./sealer.ts";

const old = { id: "00000001", key: createSecretKey(randomBytes(32)) };
const lookup = createSecretKey(randomBytes(32));
const sealer = new Sealer({ sealing: [old], lookup });

describe("sealer", () => {
  test("opens what it sealed, and seals the same text differently each time", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plaintext, context) => {
        const sealed = sealer.seal(context, plaintext);
        expect(sealer.open(context, sealed)).toEqual(Buffer.from(plaintext));
        expect(sealer.seal(context, plaintext)).not.toEqual(sealed);
      }),
    );
  });

  test("opens nothing in another row or column", () => {
    const sealed = sealer.seal("attributes.attributes_sealed:a", "山田　花子");
    expect(() => sealer.open("attributes.attributes_sealed:b", sealed)).toThrow(
      expect.objectContaining({ code: "NOT_AUTHENTIC" }),
    );
  });

  test("refuses any changed bit, and any bytes that are not its own", () => {
    const sealed = sealer.seal("c", "text");
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => sealer.open("c", changed)).toThrow(expect.objectContaining({ name: "SealerError" }));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => sealer.open("c", bytes)).toThrow(expect.objectContaining({ name: "SealerError" }));
      }),
    );
  });

  test("seals under the newest key and still opens under the older", () => {
    const rotated = new Sealer({ sealing: [{ id: "00000002", key: createSecretKey(randomBytes(32)) }, old], lookup });
    expect(rotated.open("c", sealer.seal("c", "x")).toString()).toBe("x");
    expect(() => sealer.open("c", rotated.seal("c", "x"))).toThrow(expect.objectContaining({ code: "UNKNOWN_KEY" }));
  });

  test("finds equal values by equal hashes, kind by kind", () => {
    expect(sealer.lookup("serial", "01")).toEqual(sealer.lookup("serial", "01"));
    expect(sealer.lookup("serial", "01")).not.toEqual(sealer.lookup("other", "01"));
  });
});
