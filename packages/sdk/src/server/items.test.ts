import fc from "fast-check";
import { expect, it } from "vitest";
import { itemNames, parseClaims, requestItems } from "./items.ts";
import { XidError } from "./xid-error.ts";

it("asks for required items as essential and for optional ones as they are, each once", () => {
  expect(requestItems(["address", "name"], ["gender", "name"])).toEqual({
    scope: "openid name gender address",
    claims: '{"userinfo":{"name":{"essential":true},"gender":null,"address":{"essential":true}}}',
  });
  expect(requestItems([], [])).toEqual({ scope: "openid" });
});

it("gives items of the promised form or RESPONSE_INVALID, whatever the provider sends", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("1990-01-31", "female", { formatted: "東京都", country: "JP" }),
  );
  const answer = fc.record(
    { sub: fc.string(), name: value, birthdate: value, gender: value, address: value, my_number: value },
    { requiredKeys: ["sub"] },
  );
  fc.assert(
    fc.property(answer, (userInfo) => {
      try {
        const claims = parseClaims(userInfo);
        expect(itemNames).toEqual(expect.arrayContaining(Object.keys(claims)));
        if (claims.birthdate !== undefined) expect(claims.birthdate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
        if (claims.address) expect(Object.keys(claims.address)).toEqual(["formatted", "country"]);
      } catch (error) {
        if (!(error instanceof XidError)) throw error;
        expect(error.code).toBe("RESPONSE_INVALID");
      }
    }),
  );
});
