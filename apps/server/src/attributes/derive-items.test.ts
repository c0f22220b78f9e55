import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeVersion } from "./attribute-version.ts";
import { flagCharacters } from "./character-flags.ts";
import { deriveItems } from "./derive-items.ts";
import { divideName } from "./divide-name.ts";
import { locateAddress } from "./municipality.ts";

describe("a name", () => {
  it.each([
    ["山田　花子", "山田", "花子"],
    ["佐々木　エリカ", "佐々木", "エリカ"],
    ["スミス　花子", "スミス", "花子"],
    ["\u{e000}田　花子", "\u{e000}田", "花子"],
    ["葛\u{e0100}城　花子", "葛\u{e0100}城", "花子"],
  ])("of the register's form is divided: %s", (name, family, given) => {
    expect(divideName(name, [])).toEqual({ family, given });
  });

  it("with stand-ins is divided, whatever sign stands in", () => {
    expect(divideName("〓田　〓子", [0, 3])).toEqual({ family: "〓田", given: "〓子" });
    expect(divideName("〓田　〓子", [])).toBeUndefined();
  });

  it.each([
    ["in the Latin alphabet", "ＳＭＩＴＨ　ＪＯＨＮ"],
    ["in the Latin alphabet with several parts", "ＶＯＮ　ＨＯＨＥＮＦＥＬＤ　ＭＡＸＩＭＩＬＩＡＮ"],
    ["in katakana alone", "スミス　エリカ"],
    ["with a former name beside it", "山田［佐藤］　花子"],
    ["with three parts", "山田　花子　エリカ"],
    ["without a space", "山田花子"],
    ["with a space of another width", "山田 花子"],
    ["with nothing after the space", "山田　"],
  ])("%s is not divided", (_, name) => {
    expect(divideName(name, [])).toBeUndefined();
  });
});

describe("an address", () => {
  it.each([
    ["東京都千代田区千代田１番１号", "東京都", "千代田区", "13101", "千代田１番１号"],
    ["神奈川県横浜市中区山下町１番地", "神奈川県", "横浜市中区", "14104", "山下町１番地"],
    ["静岡県浜松市中央区元城町１番地", "静岡県", "浜松市中央区", "22138", "元城町１番地"],
    ["北海道虻田郡ニセコ町字本通１番地", "北海道", "虻田郡ニセコ町", "01395", "字本通１番地"],
    ["福島県郡山市朝日１丁目", "福島県", "郡山市", "07203", "朝日１丁目"],
    ["東京都大島町元町", "東京都", "大島町", "13361", "元町"],
    ["奈良県葛\u{e0100}城市柿本", "奈良県", "葛\u{e0100}城市", "29211", "柿本"],
  ])("is cut after its municipality: %s", (address, region, locality, code, street) => {
    expect(locateAddress(address)).toEqual({ region, locality, code, street });
  });

  it("in a ward that is no more is in its city, which still is", () => {
    expect(locateAddress("静岡県浜松市中区元城町")).toMatchObject({ locality: "浜松市", code: "22130" });
  });

  it.each([
    ["abroad", "国外転出者（本籍地　東京都千代田区）"],
    ["without a prefecture", "千代田区千代田１番１号"],
    ["in a municipality that nobody knows", "東京都架空区中央一丁目"],
    ["whose municipality has a stand-in", "東京都〓飾区金町"],
    ["that ends with the prefecture", "東京都"],
    ["of nothing", ""],
  ])("%s is in no municipality", (_, address) => {
    expect(locateAddress(address)).toBeUndefined();
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
  it("are flagged by their positions in code points", () => {
    expect(flagCharacters("𠮷\u{e000}葛\u{e0100}〓", [4])).toEqual({
      substitutes: [4],
      privateUse: [1],
      variationSequences: [2],
    });
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
