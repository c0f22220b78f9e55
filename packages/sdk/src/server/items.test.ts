import { companionNames, itemNames } from "@xid/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseClaims, requestItems } from "./items.ts";
import { XidError } from "./xid-error.ts";

it("asks for required items as essential and for optional ones as they are, each once", () => {
  expect(requestItems(["address", "name"], ["gender", "name"])).toEqual({
    scope: "openid name gender address",
    claims:
      '{"userinfo":{"name":{"essential":true},"gender":null,"address":{"essential":true},"name_characters":null,"address_characters":null}}',
  });
  expect(requestItems([], [])).toEqual({ scope: "openid" });
});

it("asks for what has no scope, and for certain values, by the claims parameter alone", () => {
  const purpose = { ja: "年齢の確認", en: "To check your age" };
  const { scope, claims } = requestItems(
    [{ name: "age_over_20", values: [true], purpose }],
    [{ name: "gender", values: ["female"] }],
  );
  expect(scope).toBe("openid");
  expect(JSON.parse(claims!)).toEqual({
    userinfo: {
      age_over_20: { essential: true, values: [true], "purpose#ja": purpose.ja, "purpose#en": purpose.en },
      gender: { values: ["female"] },
    },
  });
});

it("gives items of the promised form or RESPONSE_INVALID, whatever the provider sends", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("1990-01-31", "female", { formatted: "東京都", country: "JP" }),
  );
  const answer = fc.record(
    {
      sub: fc.string(),
      name: value,
      birthdate: value,
      age_over_18: value,
      gender: value,
      address: value,
      my_number: value,
    },
    { requiredKeys: ["sub"] },
  );
  fc.assert(
    fc.property(answer, (userInfo) => {
      try {
        const claims = parseClaims(userInfo);
        expect([...itemNames, ...companionNames]).toEqual(expect.arrayContaining(Object.keys(claims)));
        if (claims.birthdate !== undefined) expect(claims.birthdate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
        if (claims.address) expect(claims.address.country).toBe("JP");
      } catch (error) {
        if (!(error instanceof XidError)) throw error;
        expect(error.code).toBe("RESPONSE_INVALID");
      }
    }),
  );
});
