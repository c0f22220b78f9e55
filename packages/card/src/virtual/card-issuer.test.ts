import { expect, test } from "vitest";
import { CardIssuer, type CardIssuerKeys } from "./card-issuer.ts";

test("an issuer keeps each key before it uses it, and is the same with the keys that it kept", () => {
  let kept: CardIssuerKeys = {};
  const keep = (keys: CardIssuerKeys) => {
    kept = keys;
  };
  const issuer = new CardIssuer({}, keep);
  expect(kept).toEqual({});
  const certificate = issuer.certificate("text", "13221");
  expect(Object.keys(kept).sort()).toEqual(["textAuthority", "textSigner"]);
  const again = new CardIssuer(JSON.parse(JSON.stringify(kept)), keep);
  expect(again.certificate("text", "13221")).toEqual(certificate);
  expect(again.authorities).toEqual(new CardIssuer(kept).authorities);
  expect(again.draftAuthority.keyId).not.toBe(issuer.authorities[0]!.keyId);
});

test("a key that cannot be kept is not used, and another is made the next time", () => {
  let full = true;
  const issuer = new CardIssuer({}, () => {
    if (full) throw new Error("disk full");
  });
  expect(() => issuer.signingKey("draft")).toThrow("disk full");
  full = false;
  expect(issuer.signingKey("draft")).toBe(issuer.signingKey("draft"));
});

test("keys that are none are refused", () => {
  expect(() => new CardIssuer({ textSigner: "AAAA" })).toThrow();
});
