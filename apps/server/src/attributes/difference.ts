import {
  type AttributeDifference,
  type BilingualText,
  companionsOf,
  type ItemClaims,
  type ItemName,
  itemNames,
} from "@xid/protocol";
import type { AttributeVersion } from "./attribute-version.ts";
import { isVariationSelector } from "./character-flags.ts";
import { deriveItems } from "./derive-items.ts";
import { divideName } from "./divide-name.ts";
import { locateAddress } from "./municipality.ts";

type DifferenceKind = AttributeDifference["kind"];

/** The items of which two versions say something else, by value or by the flags of its characters. */
export function differingItems(before: AttributeVersion, after: AttributeVersion): ItemName[] {
  // At one time for both: an age that was reached in between is no change of what the card says.
  const [old, now] = [deriveItems(before, 0), deriveItems(after, 0)];
  const spelling = (claims: ItemClaims, item: ItemName) =>
    JSON.stringify([claims[item], companionsOf([item]).map((companion) => claims[companion])]);
  return itemNames.filter((item) => spelling(old, item) !== spelling(now, item));
}

/**
 * What is different, item by item, in words. It says what the two texts show and nothing of why: an address that changed
 * need not be a move, and where a municipality is not in the table, the address is only said to have changed.
 */
export function describeDifferences(
  before: AttributeVersion,
  after: AttributeVersion,
  items: readonly ItemName[],
): AttributeDifference[] {
  return differingItems(before, after)
    .filter((item) => items.includes(item))
    .map((item) => {
      const kind = kindOf(item, before, after);
      return { item, kind, words: words[kind] };
    });
}

function kindOf(item: ItemName, before: AttributeVersion, after: AttributeVersion): DifferenceKind {
  switch (item) {
    case "name":
      return compareNames(before, after);
    case "family_name":
      return "family_name_changed";
    case "given_name":
      return "given_name_changed";
    case "birthdate":
    case "age_over_18":
    case "age_over_20":
      return "birthdate_corrected";
    case "gender":
      return "gender_changed";
    case "address":
    case "municipality":
      return compareAddresses(before.address, after.address);
  }
}

/** Only where the certificate says for certain which part is which is one of them named. */
function compareNames(before: AttributeVersion, after: AttributeVersion): DifferenceKind {
  if (sameSpelling(before.name, after.name)) return "name_respelled";
  const old = divideName(before.name, before.nameSubstitutes);
  const now = divideName(after.name, after.nameSubstitutes);
  if (!old || !now) return "name_changed";
  const [family, given] = [old.family === now.family, old.given === now.given];
  return family === given ? "name_changed" : given ? "family_name_changed" : "given_name_changed";
}

/** As the register writes the address of those who have left Japan: 国外転出者. */
const abroad = "国外転出";

function compareAddresses(before: string, after: string): DifferenceKind {
  if (sameSpelling(before, after)) return "address_respelled";
  const [left, was] = [after.startsWith(abroad), before.startsWith(abroad)];
  if (left !== was) return left ? "address_abroad" : "address_from_abroad";
  const [old, now] = [locateAddress(before), locateAddress(after)];
  if (!old || !now) return "address_changed";
  if (old.code === now.code) return "address_within_municipality";
  if (old.region !== now.region) return "address_other_prefecture";
  const city = cityOf(old.locality);
  return city !== undefined && city === cityOf(now.locality) ? "address_within_city" : "address_within_prefecture";
}

/** The designated city of one of its wards; the wards of Tokyo have none. */
function cityOf(locality: string): string | undefined {
  return /^(.+?市).+区$/u.exec(locality)?.[1];
}

/** The same characters in another form: full-width or half-width, composed or not, with or without a variation selector. */
function sameSpelling(one: string, other: string): boolean {
  const plain = (text: string) => [...text].filter((character) => !isVariationSelector(character)).join("");
  return plain(one).normalize("NFKC") === plain(other).normalize("NFKC");
}

const words: Record<DifferenceKind, BilingualText> = {
  family_name_changed: { ja: "氏が変わりました", en: "The surname changed" },
  given_name_changed: { ja: "名が変わりました", en: "The given name changed" },
  name_changed: { ja: "氏名が変わりました", en: "The name changed" },
  name_respelled: { ja: "氏名の表記が変わりました", en: "The spelling of the name changed" },
  birthdate_corrected: { ja: "生年月日が訂正されました", en: "The date of birth was corrected" },
  gender_changed: { ja: "性別の記載が変わりました", en: "The recorded gender changed" },
  address_within_municipality: {
    ja: "同じ市区町村の中で住所が変わりました",
    en: "The address changed within the same municipality or ward",
  },
  address_within_city: {
    ja: "同じ市の別の区に住所が変わりました",
    en: "The address changed to another ward of the same city",
  },
  address_within_prefecture: {
    ja: "同じ都道府県の別の市区町村に住所が変わりました",
    en: "The address changed to another municipality of the same prefecture",
  },
  address_other_prefecture: {
    ja: "別の都道府県に住所が変わりました",
    en: "The address changed to another prefecture",
  },
  address_abroad: { ja: "国外に転出しました", en: "Moved abroad" },
  address_from_abroad: { ja: "国外から転入しました", en: "Moved back from abroad" },
  address_changed: { ja: "住所が変わりました", en: "The address changed" },
  address_respelled: { ja: "住所の表記が変わりました", en: "The spelling of the address changed" },
};
