import { describe, expect, it } from "vitest";
import { scriptAddress } from "./script-addresses.ts";

describe("the address of a script that is put into the page", () => {
  const origin = "https://app.example.jp";
  const part = `${origin}/_expo/static/js/web/scan-screen-0a1b.js`;

  it("is one of this build's files", () => {
    expect(scriptAddress(origin, part)).toBe(part);
    expect(scriptAddress(origin, "/_expo/static/js/web/scan-screen-0a1b.js")).toBe(part);
  });

  it("is a program of PDF.js", () => {
    for (const name of ["pdf.min.mjs", "pdf.worker.min.mjs"]) {
      expect(scriptAddress(origin, `/pdf/6.5.438/${name}`)).toBe(`${origin}/pdf/6.5.438/${name}`);
    }
  });

  it.each([
    "https://evil.example/pdf/6.5.438/pdf.min.mjs",
    `${origin}/pdf/6.5.438/cmaps/pdf.min.mjs`,
    `${origin}/pdf/6.5.438/pdf.sandbox.min.mjs`,
    "https://evil.example/_expo/static/js/web/scan-screen.js",
    "//evil.example/_expo/static/js/web/scan-screen.js",
    "https://app.example.jp.evil.example/_expo/static/js/web/scan-screen.js",
    "http://app.example.jp/_expo/static/js/web/scan-screen.js",
    `${origin}/_expo/static/js/web/../../../../config.js`,
    `${origin}/config.js`,
    `${origin}/_expo/static/js/web/config.json`,
    "data:text/javascript,alert(1)",
    "blob:https://app.example.jp/_expo/static/js/web/scan-screen.js",
    "javascript:alert(1)",
    "https://[",
  ])("is never %s", (url) => {
    expect(scriptAddress(origin, url)).toBeNull();
  });
});
