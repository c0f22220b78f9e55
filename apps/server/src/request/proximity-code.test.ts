import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkProximityCode, proximityCode } from "./proximity-code.ts";

const request = { requestId: "request-1", proximitySecret: randomBytes(32) };
const now = 1_750_000_000_000;

describe("the code in a QR code", () => {
  it("is good in its own second and the three after it", () => {
    const code = proximityCode(request, now);
    for (const age of [0, 999, 1000, 2000, 3000, 3999]) {
      expect(checkProximityCode(request, code, now + age)).toBe("current");
    }
  });

  it.each([
    ["four seconds old", 4000],
    ["from the next second", -1],
    ["an hour old", 3_600_000],
  ])("is wrong when it is %s", (_, age) => {
    expect(checkProximityCode(request, proximityCode(request, now), now + age)).toBe("wrong");
  });

  it("is of one request only", () => {
    const code = proximityCode(request, now);
    expect(checkProximityCode({ ...request, requestId: "request-2" }, code, now)).toBe("wrong");
    expect(checkProximityCode({ ...request, proximitySecret: randomBytes(32) }, code, now)).toBe("wrong");
  });

  it("is never guessed, whatever is sent", () => {
    const code = proximityCode(request, now);
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 64 }), (guess) => {
        fc.pre(guess !== code);
        return checkProximityCode(request, guess, now) === "wrong";
      }),
    );
    for (const near of [code.slice(1), `${code}A`, code.toLowerCase().replace(/^./, "_"), ""]) {
      expect(checkProximityCode(request, near, now)).toBe("wrong");
    }
  });
});
