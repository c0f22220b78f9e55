import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { oneBitPng } from "./one-bit-png.ts";
import { type Contour, coverage, type Point } from "./raster.ts";

/** What is used of opentype.js. */
type Font = {
  unitsPerEm: number;
  ascender: number;
  descender: number;
  charToGlyph(character: string): Glyph;
};
type Glyph = {
  index: number;
  advanceWidth: number;
  getPath(x: number, y: number, size: number): { commands: PathCommand[] };
};
type PathCommand = { type: "M" | "L" | "Q" | "C" | "Z"; x: number; y: number } & Partial<
  Record<"x1" | "y1" | "x2" | "y2", number>
>;

/** Drawn in the place of a character that the font does not have, as printers did. */
const geta = "〓";
const curveSteps = 8;

/**
 * Text as the card has it drawn: BIZ UDGothic, a PNG of one bit for each pixel, lines of `height` pixels and of
 * `lineWidth` at most. Half-width digits are half as wide as the line is high.
 */
export function drawText(text: string, { height, lineWidth }: { height: number; lineWidth: number }): Buffer {
  loaded ??= loadFont();
  const font = loaded;
  const lines = breakLines(font, text, height, lineWidth);
  const width = Math.max(1, ...lines.map((line) => Math.ceil(line.width)));
  const baseline = (height * font.ascender) / (font.ascender - font.descender);
  const contours = lines.flatMap(({ glyphs }, index) =>
    glyphs.flatMap(({ glyph, x }) => contoursOf(glyph.getPath(x, index * height + baseline, height).commands)),
  );
  const black = Array.from(coverage(contours, width, lines.length * height), (samples) => samples >= 7);
  return oneBitPng(black, width, lines.length * height);
}

type Line = { glyphs: { glyph: Glyph; x: number }[]; width: number };

function breakLines(font: Font, text: string, height: number, lineWidth: number): Line[] {
  const lines: Line[] = [{ glyphs: [], width: 0 }];
  for (const character of text) {
    const found = font.charToGlyph(character);
    const glyph = found.index === 0 ? font.charToGlyph(geta) : found;
    const advance = (glyph.advanceWidth * height) / font.unitsPerEm;
    if (lines.at(-1)!.width + advance > lineWidth) lines.push({ glyphs: [], width: 0 });
    const line = lines.at(-1)!;
    line.glyphs.push({ glyph, x: line.width });
    line.width += advance;
  }
  return lines;
}

function contoursOf(commands: PathCommand[]): Contour[] {
  const contours: Contour[] = [];
  let from: Point = { x: 0, y: 0 };
  for (const { type, x, y, x1 = 0, y1 = 0, x2 = x1, y2 = y1 } of commands) {
    if (type === "Z") continue;
    if (type === "M") contours.push([]);
    const contour = contours.at(-1)!;
    if (type === "M" || type === "L") {
      contour.push({ x, y });
    } else {
      for (let step = 1; step <= curveSteps; step++) {
        const t = step / curveSteps;
        const along = (a: number, b: number, c: number, d: number) =>
          type === "Q"
            ? (1 - t) ** 2 * a + 2 * (1 - t) * t * b + t ** 2 * d
            : (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d;
        contour.push({ x: along(from.x, x1, x2, x), y: along(from.y, y1, y2, y) });
      }
    }
    from = { x, y };
  }
  return contours;
}

let loaded: Font | undefined;

/** Takes a fifth of a second and some memory, so it is done when the first card's face is drawn. */
function loadFont(): Font {
  const require = createRequire(import.meta.url);
  const { parse } = require("opentype.js") as { parse(file: ArrayBuffer): Font };
  const file = require.resolve("@expo-google-fonts/biz-udgothic/400Regular/BIZUDGothic_400Regular.ttf");
  return parse(Uint8Array.from(readFileSync(file)).buffer);
}
