import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SandboxError } from "../error.ts";
import { fullWidth } from "./full-width.ts";

/** A municipality of the real Japan; in a designated city, a ward. */
export type Municipality = {
  /** 全国地方公共団体コード without its check digit: five digits. */
  code: string;
  prefecture: string;
  /** As the certificates write it, such as `Kanagawa-ken`. */
  prefectureRomaji: string;
  name: string;
  /** As the certificates write it, such as `Yokohama-shi-Naka-ku`. */
  romaji: string;
  /** A town in it, for addresses that nobody typed. */
  town: string;
};

/** Municipalities of every prefecture, in the order of their codes; not all of Japan's. */
export const municipalities: readonly Municipality[] = readMunicipalities();

const maximumAddressLength = 200;

/** How the JPKI writes an address abroad is not published: ours names the municipality that keeps the family register. */
const abroad = { before: "国外転出者（本籍地　", after: "）" };

/** The address in the register of someone who leaves Japan. */
export function addressAbroad(address: string): string {
  const { prefecture, name } = municipalityOf(address);
  return abroad.before + prefecture + name + abroad.after;
}

/** The municipality that an address of the register begins with; of an address abroad the one that it names. */
export function municipalityOf(address: string): Municipality {
  const inJapan = address.startsWith(abroad.before) ? address.slice(abroad.before.length) : address;
  const found = municipalities
    .filter(({ prefecture, name }) => inJapan.startsWith(prefecture + name))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (!found) throw new SandboxError("ADDRESS_UNSUITABLE", "no municipality that the simulation knows");
  return found;
}

/** An invented house in a real town. `random` gives an integer below its argument. */
export function sampleAddress(municipality: Municipality, random: (below: number) => number): string {
  const { prefecture, name, town } = municipality;
  const number = () => fullWidth(String(1 + random(20)));
  return `${prefecture}${name}${town}${fullWidth(String(1 + random(4)))}丁目${number()}番${number()}号`;
}

/**
 * An address as the register holds it, from what someone typed: a full address, one without the prefecture, or only
 * the name of a place, which gives an invented house there. Throws ADDRESS_UNSUITABLE.
 */
export function parseAddress(text: string, random: (below: number) => number): string {
  const address = fullWidth(text);
  if (address.length > maximumAddressLength || /\p{C}/u.test(address)) {
    throw new SandboxError("ADDRESS_UNSUITABLE", `an address has at most ${maximumAddressLength} printable characters`);
  }
  if (/[都道府県市区町村]$/.test(address)) {
    const place = municipalities.find(({ prefecture, name }) =>
      [name, prefecture + name].some((whole) => whole.startsWith(address)),
    );
    if (place) return sampleAddress(place, random);
  }
  const missing = municipalities.find(({ name }) => address.startsWith(name));
  const complete = missing ? missing.prefecture + address : address;
  municipalityOf(complete);
  return complete;
}

function readMunicipalities(): Municipality[] {
  const lines = readFileSync(join(import.meta.dirname, "municipalities.txt"), "utf8")
    .trim()
    .split("\n");
  let prefecture = "";
  let prefectureRomaji = "";
  return lines.flatMap((line) => {
    const [code = "", name = "", romaji = "", town] = line.split("|");
    if (town !== undefined) return [{ code, prefecture, prefectureRomaji, name, romaji, town }];
    prefecture = name;
    prefectureRomaji = romaji;
    return [];
  });
}
