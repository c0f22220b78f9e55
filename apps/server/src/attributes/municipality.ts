import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isVariationSelector } from "./character-flags.ts";

/** An address cut where its municipality ends; the parts are slices of the text. */
export type LocatedAddress = { region: string; locality: string; street: string; code: string };

/** Prefectures with their municipalities by name, wards with their city before them. */
const prefectures: ReadonlyMap<string, ReadonlyMap<string, string>> = readMunicipalities();
const longestName = Math.max(...[...prefectures.values()].flatMap((names) => [...names.keys()].map(length)));

/** 郡 as certificates write it before a town or a village. */
const district = /^.{1,5}?郡/u;

/**
 * Finds the municipality that an address begins with: prefecture, then the longest name of the table that follows, before a
 * town or a village also after its 郡. Undefined where none does: an address abroad, a name that the table does not have
 * or has with another character. Characters are compared as they are, but for their variation selectors.
 */
export function locateAddress(address: string): LocatedAddress | undefined {
  const characters = [...address];
  const plain = characters.filter((character) => !isVariationSelector(character));
  const text = plain.join("");
  const region = [...prefectures.keys()].find((name) => text.startsWith(name));
  if (!region) return undefined;
  const names = prefectures.get(region)!;
  const rest = plain.slice(length(region));
  const before = district.exec(rest.join(""))?.[0] ?? "";
  const found = longestMatch(names, rest, 0) ?? longestMatch(names, rest, length(before), /[町村]$/);
  if (!found) return undefined;
  const regionEnd = positionIn(characters, length(region));
  const localityEnd = positionIn(characters, length(region) + found.end);
  return {
    region: characters.slice(0, regionEnd).join(""),
    locality: characters.slice(regionEnd, localityEnd).join(""),
    street: characters.slice(localityEnd).join(""),
    code: found.code,
  };
}

function longestMatch(names: ReadonlyMap<string, string>, rest: string[], from: number, form = /./) {
  for (let end = Math.min(rest.length, from + longestName); end > from; end--) {
    const name = rest.slice(from, end).join("");
    const code = form.test(name) ? names.get(name) : undefined;
    if (code !== undefined) return { code, end };
  }
  return undefined;
}

/** Where the first `count` characters end that are no selectors, with the selector of the last of them. */
function positionIn(characters: readonly string[], count: number): number {
  let seen = 0;
  const next = characters.findIndex((character) => !isVariationSelector(character) && seen++ === count);
  return next === -1 ? characters.length : next;
}

function length(text: string): number {
  return [...text].length;
}

function readMunicipalities(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of readFileSync(join(import.meta.dirname, "municipalities.txt"), "utf8").split("\n")) {
    const [code = "", name = ""] = line.split("|");
    if (/^\d{5}$/.test(code)) current.set(name, code);
    if (!/^\d{2}$/.test(code)) continue;
    current = new Map();
    found.set(name, current);
  }
  return found;
}
