import { expect, test } from "vitest";
import { parseCardAuthorities } from "./card-authorities.ts";
import { toHex } from "./hex.ts";
import { temporaryIssuer } from "./virtual/card-issuer.ts";

const [authority] = temporaryIssuer().authorities;
const rsa = {
  keyId: authority!.keyId,
  modulus: toHex(authority!.publicKey.modulus),
  exponent: toHex(authority!.publicKey.exponent),
};
const draft = temporaryIssuer().draftAuthority;
const point = { keyId: draft.keyId, point: toHex(draft.publicKey.point) };

test("authorities of both kinds are read from JSON", () => {
  const [first, second] = parseCardAuthorities(JSON.parse(JSON.stringify([rsa, point])));
  expect(first).toEqual(authority);
  expect(second).toEqual(draft);
});

test.each([
  ["no list", rsa],
  ["an empty list", []],
  ["null", [null]],
  ["no key id", [{ ...rsa, keyId: undefined }]],
  ["a key id of another length", [{ ...rsa, keyId: "00" }]],
  ["no modulus", [{ ...rsa, modulus: undefined }]],
  ["a modulus that is no hexadecimal", [{ ...rsa, modulus: "xx" }]],
  ["a short modulus", [{ ...rsa, modulus: rsa.modulus.slice(2) }]],
  ["the exponent 1", [{ ...rsa, exponent: "01" }]],
  ["a point beside the curve", [{ ...point, point: `04${"11".repeat(96)}` }]],
])("%s is a TypeError", (_, json) => {
  expect(() => parseCardAuthorities(json)).toThrow(TypeError);
});
