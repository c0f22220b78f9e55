/**
 * Draws the portraits of the software card, people who never were, into packages/card/src/virtual/portraits/*.jp2, and
 * the same for browsers into apps/sandbox/src/pages/portraits/*.png. Needs opj_compress and opj_decompress (Debian: libopenjp2-tools). The same version of it makes the same bytes.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Person = {
  skin: number;
  hair: number;
  clothes: number;
  background: number;
  hairLength: "short" | "chin" | "shoulder" | "none";
  fringe: number;
  face: number;
  glasses: boolean;
};

const people: Person[] = [
  { skin: 205, hair: 40, clothes: 90, background: 238, hairLength: "short", fringe: 0.32, face: 1, glasses: false },
  {
    skin: 214,
    hair: 55,
    clothes: 150,
    background: 232,
    hairLength: "shoulder",
    fringe: 0.36,
    face: 0.95,
    glasses: false,
  },
  { skin: 196, hair: 70, clothes: 60, background: 240, hairLength: "short", fringe: 0.24, face: 1.08, glasses: true },
  { skin: 210, hair: 35, clothes: 120, background: 228, hairLength: "chin", fringe: 0.42, face: 0.98, glasses: false },
  { skin: 200, hair: 178, clothes: 75, background: 236, hairLength: "short", fringe: 0.18, face: 1.04, glasses: true },
  { skin: 208, hair: 150, clothes: 135, background: 234, hairLength: "chin", fringe: 0.3, face: 1, glasses: true },
];

const width = 150;
const height = 200;
const samples = 4;

const inEllipse = (x: number, y: number, cx: number, cy: number, rx: number, ry: number) =>
  ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1;

/** The grey at a place; x from -1 to 1, y from 0 at the top to 2.67 at the bottom. The later shape is the nearer one. */
function greyAt(x: number, y: number, person: Person): number {
  const { skin, hair, clothes, background, face } = person;
  const headX = 0.42 * face;
  const isHead = inEllipse(x, y, 0, 1.12, headX, 0.56);
  let grey = background - 12 * Math.max(0, y - 1.6);
  const hairBottom = { none: 0, short: 1.1, chin: 1.62, shoulder: 2.05 }[person.hairLength];
  if (inEllipse(x, y, 0, 1.02, headX + 0.1, 0.62) && y < hairBottom) grey = hair;
  if (person.hairLength !== "short" && Math.abs(x) < headX + 0.1 && y > 1.0 && y < hairBottom) grey = hair;
  if (Math.abs(x) < 0.17 && y > 1.5 && y < 2.1) grey = skin - 22;
  if (inEllipse(x, y, 0, 2.72, 0.86, 0.72)) grey = clothes;
  if (y > 1.9 && y < 2.25 && Math.abs(x) < 0.2 * (1 - (y - 1.9) / 0.35)) grey = skin - 14;
  for (const side of [-1, 1]) if (inEllipse(x, y, side * headX, 1.16, 0.06, 0.12)) grey = skin - 14;
  if (isHead) grey = skin - 26 * Math.max(0, x / headX) ** 2;
  if (isHead && y < 0.56 + person.fringe + 0.12 * Math.abs(x)) grey = hair;
  for (const side of [-1, 1]) {
    const ex = side * 0.17 * face;
    if (inEllipse(x, y, ex, 1.0, 0.075, 0.014)) grey = Math.max(30, hair - 10);
    if (inEllipse(x, y, ex, 1.1, 0.052, 0.028)) grey = 244;
    if (inEllipse(x, y, ex, 1.1, 0.028, 0.03)) grey = 36;
    const rim = inEllipse(x, y, ex, 1.1, 0.125, 0.1) && !inEllipse(x, y, ex, 1.1, 0.107, 0.083);
    if (person.glasses && rim) grey = 50;
  }
  if (person.glasses && Math.abs(y - 1.09) < 0.012 && Math.abs(x) < 0.05) grey = 50;
  if (inEllipse(x, y, 0.015, 1.3, 0.035, 0.02)) grey = skin - 40;
  if (inEllipse(x, y, 0, 1.44, 0.105, 0.022)) grey = skin - 75;
  return Math.min(255, Math.max(0, grey));
}

/** Portable graymap, binary. */
function draw(person: Person): Buffer {
  const pixels = Buffer.alloc(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let sample = 0; sample < samples ** 2; sample++) {
        const x = ((column + ((sample % samples) + 0.5) / samples) / width) * 2 - 1;
        const y = ((row + (Math.floor(sample / samples) + 0.5) / samples) / width) * 2;
        sum += greyAt(x, y, person);
      }
      pixels[row * width + column] = Math.round(sum / samples ** 2);
    }
  }
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`, "ascii"), pixels]);
}

const root = join(import.meta.dirname, "..");
const forChip = join(root, "packages", "card", "src", "virtual", "portraits");
const forBrowser = join(root, "apps", "sandbox", "src", "pages", "portraits");
const folder = mkdtempSync(join(tmpdir(), "xid-portraits-"));
for (const target of [forChip, forBrowser]) mkdirSync(target, { recursive: true });
try {
  for (const [index, person] of people.entries()) {
    const graymap = join(folder, `${index + 1}.pgm`);
    writeFileSync(graymap, draw(person));
    const picture = join(forChip, `${index + 1}.jp2`);
    execFileSync("opj_compress", ["-i", graymap, "-o", picture, "-r", "15"], { stdio: "pipe" });
    execFileSync("opj_decompress", ["-i", picture, "-o", join(forBrowser, `${index + 1}.png`)], { stdio: "pipe" });
  }
} finally {
  rmSync(folder, { recursive: true });
}
