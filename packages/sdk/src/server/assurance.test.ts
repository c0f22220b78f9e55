import { describe, expect, it } from "vitest";
import { acrs, requestAssurance, verifyAssurance } from "./assurance.ts";

const now = Date.UTC(2026, 10, 24, 12);
const idToken = { sub: "hanako", acr: acrs.fresh, auth_time: now / 1000 - 10 };

const outcome = (...[claims, expected]: [Partial<typeof idToken> | object, Parameters<typeof verifyAssurance>[1]]) => {
  try {
    verifyAssurance({ ...idToken, ...claims }, expected, now);
    return "taken";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("what a relying party wants to be sure of", () => {
  it.each<[string, object, Parameters<typeof verifyAssurance>[1]]>([
    ["nothing in particular", { acr: undefined, auth_time: undefined }, {}],
    ["just what was done", {}, { acr: "fresh" }],
    ["less than was done", { acr: acrs.card }, { acr: "device" }],
    ["an approval of a moment ago", {}, { maxAge: 10 }],
    ["an approval of this very moment, by a clock that is late", { auth_time: now / 1000 + 30 }, { maxAge: 0 }],
    ["this person", {}, { subject: "hanako" }],
  ])("is given: %s", (_, claims, expected) => {
    expect(outcome(claims, expected)).toBe("taken");
  });

  it.each<[string, object, Parameters<typeof verifyAssurance>[1]]>([
    ["more than was done", {}, { acr: "card" }],
    ["what nobody has said", { acr: undefined }, { acr: "device" }],
    ["what another provider means by it", { acr: "urn:mace:incommon:iap:silver" }, { acr: "device" }],
    ["an approval that is younger", { auth_time: now / 1000 - 100 }, { maxAge: 30 }],
    ["an approval whose time nobody has said", { auth_time: undefined }, { maxAge: 1000 }],
    ["another person", {}, { subject: "taro" }],
  ])("is not given: %s", (_, claims, expected) => {
    expect(outcome(claims, expected)).toBe("ASSURANCE_UNMET");
  });

  it("is asked for beside the items, as what must be", () => {
    const items = JSON.stringify({ userinfo: { name: null } });
    expect(requestAssurance({}, items)).toEqual({ claims: items });
    expect(requestAssurance({}, undefined)).toEqual({});
    const { claims, ...rest } = requestAssurance({ acr: "fresh", maxAge: 0, subject: "hanako" }, items);
    expect(rest).toEqual({ max_age: "0", login_hint: "hanako" });
    expect(JSON.parse(claims!)).toEqual({
      userinfo: { name: null },
      id_token: { acr: { essential: true, values: [acrs.fresh, acrs.card] }, sub: { value: "hanako" } },
    });
  });
});
