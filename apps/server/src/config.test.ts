import { describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";

const production = {
  XID_ISSUER: "https://id.example",
  XID_APP_URL: "https://app.example",
  XID_OCSP_SIGNATURE_URL: "http://ocsp.example/s",
  XID_OCSP_AUTHENTICATION_URL: "http://ocsp.example/a",
  XID_CRL_SIGNATURE_URL: "http://crl.example/s",
  XID_CRL_AUTHENTICATION_URL: "http://crl.example/a",
  XID_JLIS_URL: "https://jlis.example",
};

describe("settings", () => {
  test("need nothing in a sandbox, and default to production, which guesses nothing", () => {
    expect(readConfig({ XID_PROFILE: "sandbox" })).toMatchObject({ issuer: "http://localhost:4001", proxyHops: 0 });
    expect(readConfig(production)).toMatchObject({ profile: "production", jpki: { caUrls: undefined } });
    for (const name of Object.keys(production)) {
      expect(() => readConfig({ ...production, [name]: undefined })).toThrow(name);
    }
  });

  test("know no clock of a sandbox in production, whatever is set", () => {
    expect(readConfig({ ...production, XID_SANDBOX_URL: "http://localhost:4006" }).jpki.clockUrl).toBeUndefined();
    expect(readConfig({ XID_PROFILE: "sandbox" }).jpki.clockUrl).toBe("http://localhost:4006/api/clock");
  });

  test.each([
    ["XID_PROFILE", "test"],
    ["XID_ISSUER", "http://id.example"],
    ["XID_ISSUER", "https://id.example/path"],
    ["XID_ISSUER", "not a URL"],
    ["XID_PORT", "70000"],
    ["XID_PORT", "4001.5"],
    ["XID_REQUEST_LIFETIME", "-1"],
    ["XID_PROXY_HOPS", "many"],
  ])("refuse %s=%s by name", (name, value) => {
    expect(() => readConfig({ ...production, [name]: value })).toThrow(name);
  });
});
