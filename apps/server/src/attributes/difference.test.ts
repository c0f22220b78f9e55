import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeVersion } from "./attribute-version.ts";
import { describeDifferences, differingItems } from "./difference.ts";

const hanako: AttributeVersion = {
  name: "山田　花子",
  birthdate: "1991-01-08",
  gender: "female",
  address: "神奈川県横浜市中区山下町１番地",
  nameSubstitutes: [],
  addressSubstitutes: [],
};

const kinds = (change: Partial<AttributeVersion>, from: Partial<AttributeVersion> = {}) =>
  describeDifferences({ ...hanako, ...from }, { ...hanako, ...from, ...change }, [
    "name",
    "birthdate",
    "gender",
    "address",
  ]).map(({ kind }) => kind);

describe("what is different", () => {
  it.each<[string, Partial<AttributeVersion>, string, Partial<AttributeVersion>?]>([
    ["another surname", { name: "佐藤　花子" }, "family_name_changed"],
    ["another given name", { name: "山田　華子" }, "given_name_changed"],
    ["both", { name: "佐藤　華子" }, "name_changed"],
    ["a name of which nobody can say which part is which", { name: "ＳＭＩＴＨ　ＪＡＮＥ　ＡＮＮ" }, "name_changed"],
    ["a variation selector", { name: "山田\u{e0100}　花子" }, "name_respelled"],
    ["a stand-in that was marked", { nameSubstitutes: [1] }, "name_respelled"],
    ["a date of birth", { birthdate: "1991-01-09" }, "birthdate_corrected"],
    ["a gender", { gender: "male" }, "gender_changed"],
    ["a house of the same ward", { address: "神奈川県横浜市中区本町２番地" }, "address_within_municipality"],
    ["another ward of the city", { address: "神奈川県横浜市西区高島１番地" }, "address_within_city"],
    ["another city of the prefecture", { address: "神奈川県川崎市川崎区砂子１番地" }, "address_within_prefecture"],
    ["another prefecture", { address: "香川県高松市番町１丁目" }, "address_other_prefecture"],
    ["abroad", { address: "国外転出者（本籍地　神奈川県横浜市中区）" }, "address_abroad"],
    [
      "back from abroad",
      { address: "香川県高松市番町１丁目" },
      "address_from_abroad",
      { address: "国外転出者（本籍地　神奈川県横浜市中区）" },
    ],
    ["digits of another width", { address: "神奈川県横浜市中区山下町1番地" }, "address_respelled"],
    ["a municipality that the table lacks", { address: "神奈川県架空市中央１番地" }, "address_changed"],
    [
      "another ward of Tokyo, which is no city of wards",
      { address: "東京都港区芝１番" },
      "address_within_prefecture",
      { address: "東京都千代田区千代田１番" },
    ],
  ])("%s is told as it is", (_, change, kind, from) => {
    expect(kinds(change, from)).toEqual([kind]);
  });

  it("is told only of the items that somebody may have, and of a part as that part", () => {
    const moved = { ...hanako, name: "佐藤　花子", address: "香川県高松市番町１丁目" };
    const told = (items: Parameters<typeof describeDifferences>[2]) =>
      describeDifferences(hanako, moved, items).map(({ item, kind }) => `${item} ${kind}`);
    expect(told(["gender"])).toEqual([]);
    expect(told(["family_name"])).toEqual(["family_name family_name_changed"]);
    expect(told(["given_name"])).toEqual([]);
    expect(told(["municipality"])).toEqual(["municipality address_other_prefecture"]);
    expect(told(["age_over_18", "birthdate"])).toEqual([]);
  });

  it("has words in both languages", () => {
    for (const { words } of describeDifferences(hanako, { ...hanako, name: "佐藤　花子" }, ["name"])) {
      expect(words).toEqual({ ja: "氏が変わりました", en: "The surname changed" });
    }
  });

  it("is nothing between a version and itself, whatever is in it", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const version = fc.record({
      name: text,
      birthdate: fc.constantFrom("1991-01-08", "0000-00-00", "1991-00-00"),
      gender: fc.constantFrom("male" as const, "female" as const, "unknown" as const),
      address: text,
      nameSubstitutes: fc.array(fc.nat(40), { maxLength: 3 }),
      addressSubstitutes: fc.array(fc.nat(40), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(version, (one) => {
        expect(differingItems(one, structuredClone(one))).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(version, version, (one, other) => {
        const items = differingItems(one, other);
        expect(describeDifferences(one, other, items).map(({ item }) => item)).toEqual(items);
      }),
    );
  });
});
