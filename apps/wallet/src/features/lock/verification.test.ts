import { describe, expect, it } from "vitest";
import { isFresh, verificationLifetime } from "./verification.ts";

describe("the verification of the holder", () => {
  const at = 1_700_000_000_000;
  const verification = { how: "app_pin", at } as const;

  it("stands behind an approval for two minutes", () => {
    expect(isFresh(verification, at)).toBe(true);
    expect(isFresh(verification, at + verificationLifetime * 1000)).toBe(true);
    expect(isFresh(verification, at + verificationLifetime * 1000 + 1)).toBe(false);
  });

  it("does not stand when there was none, or when the clock was set back", () => {
    expect(isFresh(null, at)).toBe(false);
    expect(isFresh(verification, at - 1)).toBe(false);
  });
});
