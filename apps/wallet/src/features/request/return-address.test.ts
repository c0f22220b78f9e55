import { describe, expect, it } from "vitest";
import { isOfPlatform } from "./return-address.ts";

const platform = "https://id.example/tenant";

describe("an address to return to", () => {
  it("is one of the platform's", () => {
    expect(isOfPlatform("https://id.example/interaction/abc/return#secret", platform)).toBe(true);
  });

  it.each([
    "https://evil.example/interaction",
    "https://id.example.evil/",
    "http://id.example/",
    "https://id.example@evil.example/",
    "https://user@id.example/",
    "javascript:alert(1)",
    "/interaction",
    "",
  ])("is not %j", (address) => {
    expect(isOfPlatform(address, platform)).toBe(false);
  });
});
