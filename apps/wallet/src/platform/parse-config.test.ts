import { describe, expect, it } from "vitest";
import { deviceName } from "./device-name.web.ts";
import { parseConfig } from "./parse-config.ts";

const config = {
  platformUrl: "http://localhost:4001",
  appUrl: "http://localhost:4002",
  sandboxUrl: null,
  cardAuthorities: null,
};

describe("the configuration", () => {
  it("names the counterparts, the sandbox only where there is one", () => {
    expect(parseConfig({ ...config, more: 1 })).toEqual(config);
    expect(parseConfig({ ...config, sandboxUrl: "http://localhost:4006" }).sandboxUrl).toBe("http://localhost:4006");
  });

  it.each([
    null,
    {},
    { ...config, platformUrl: "http://localhost:4001/" },
    { ...config, appUrl: "javascript:1" },
    { ...config, sandboxUrl: "https://a.example/?x" },
  ])("is refused as %j", (value) => {
    expect(() => parseConfig(value)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });
});

describe("a device's name", () => {
  it.each([
    ["Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36", "Chrome (Android)"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile Safari/604.1", "Safari (iOS)"],
    ["Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge (Windows)"],
    ["something else", "Web"],
  ])("of %s is %s", (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});
