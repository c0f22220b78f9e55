import type { CharacterFlags } from "@xid/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeVersion } from "./attribute-version.ts";
import { flagCharacters } from "./character-flags.ts";
import { deriveItems } from "./derive-items.ts";
import { type DividedName, divideName } from "./divide-name.ts";
import { type LocatedAddress, locateAddress } from "./municipality.ts";
import { attributeVectors } from "./test-vectors.ts";

describe("a name", () => {
  type Vector = { why: string; name: string; substitutes: number[]; divided: DividedName | null };

  it.each(attributeVectors<Vector>("names"))("is divided where that is no guess: $why", (vector) => {
    expect(divideName(vector.name, vector.substitutes)).toEqual(vector.divided ?? undefined);
  });
});

describe("an address", () => {
  type Vector = { why: string; address: string; located: LocatedAddress | null };

  it.each(attributeVectors<Vector>("addresses"))("is cut after its municipality: $why", ({ address, located }) => {
    expect(locateAddress(address)).toEqual(located ?? undefined);
  });

  it("is never changed by being cut", () => {
    const part = fc.constantFrom(
      "東京都",
      "千代田区",
      "虻田郡",
      "ニセコ町",
      "北海道",
      "\u{e0100}",
      "郡",
      "市",
      "一",
      "𠮷",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const address = parts.join("");
        const located = locateAddress(address);
        if (located) expect(located.region + located.locality + located.street).toBe(address);
      }),
    );
  });
});

describe("characters", () => {
  type Vector = { why: string; text: string; flags: CharacterFlags };

  it.each(attributeVectors<Vector>("characters"))("are flagged by their positions: $why", ({ text, flags }) => {
    expect(flagCharacters(text, flags.substitutes)).toEqual(flags);
  });
});

describe("the items", () => {
  const hanako: AttributeVersion = {
    name: "高崎　吉乃",
    birthdate: "1991-01-08",
    gender: "female",
    address: "群馬県高崎市高松町３５番地１",
    nameSubstitutes: [0, 1, 3],
    addressSubstitutes: [],
  };
  const now = Date.parse("2026-11-24T00:00:00Z");

  it("are all that a certificate says, and no kana, which it has not", () => {
    expect(deriveItems(hanako, now)).toEqual({
      name: "高崎　吉乃",
      name_characters: { substitutes: [0, 1, 3], privateUse: [], variationSequences: [] },
      name_divided: true,
      family_name: "高崎",
      given_name: "吉乃",
      birthdate: "1991-01-08",
      age_over_18: true,
      age_over_20: true,
      gender: "female",
      address: {
        formatted: "群馬県高崎市高松町３５番地１",
        country: "JP",
        region: "群馬県",
        locality: "高崎市",
        street_address: "高松町３５番地１",
        municipality_code: "10202",
      },
      address_characters: { substitutes: [], privateUse: [], variationSequences: [] },
      municipality: { region: "群馬県", locality: "高崎市", municipality_code: "10202" },
    });
  });

  it("leave out what would be a guess", () => {
    const foreign = { ...hanako, name: "ＳＭＩＴＨ　ＪＯＨＮ", birthdate: "0000-00-00", address: "国外転出者" };
    const items = deriveItems({ ...foreign, nameSubstitutes: [] }, now);
    expect(Object.keys(items)).toEqual([
      "name",
      "name_characters",
      "name_divided",
      "birthdate",
      "gender",
      "address",
      "address_characters",
    ]);
    expect(items.name_divided).toBe(false);
    expect(items.address).toEqual({ formatted: "国外転出者", country: "JP" });
  });
});
