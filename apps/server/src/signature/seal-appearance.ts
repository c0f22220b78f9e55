import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { PdfAppearance } from "@xid/pki";
import type { SigningDocument } from "@xid/protocol";

/** What is used of opentype.js. */
type Font = {
  unitsPerEm: number;
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
const padding = 6;
const lineHeight = 1.35;

/**
 * What is seen of a signature: who, when (in Japan) and why, in a frame, as outlines of BIZ UDGothic, so that it looks the
 * same wherever it is opened. The same input gives the same octets.
 */
export function sealAppearance(
  { page, rectangle, reason }: NonNullable<Extract<SigningDocument, { form: "pdf" }>["seal"]>,
  { name, at }: { name: string; at: Date },
): PdfAppearance {
  const [left, bottom, right, top] = rectangle;
  const [width, height] = [right - left, top - bottom];
  const lines = [`電子署名 ${name}`, `${dateInJapan(at)} (日本時間)`, ...(reason === null ? [] : [`理由 ${reason}`])];
  const size = Math.min(
    (height - 2 * padding) / (lines.length * lineHeight),
    ...lines.map((line) => (width - 2 * padding) / widthOf(line)),
    14,
  );
  const outlines = lines.map((line, index) =>
    outlineOf(line, padding, height - padding - size * (index * lineHeight + 1), size),
  );
  const frame = `0.5 w 0.1 0.2 0.5 RG 0.25 0.25 ${number(width - 0.5)} ${number(height - 0.5)} re S`;
  return {
    page: page - 1,
    rectangle,
    content: Buffer.from(`q ${frame} 0.1 0.2 0.5 rg\n${outlines.join("\n")}\nQ`, "latin1"),
  };
}

function dateInJapan(at: Date): string {
  const [date, time] = new Date(at.getTime() + 9 * 3_600_000).toISOString().split("T") as [string, string];
  const [year, month, day] = date.split("-").map(Number);
  return `${year}年${month}月${day}日 ${time.slice(0, 5)}`;
}

function glyphs(text: string): Glyph[] {
  loaded ??= loadFont();
  const font = loaded;
  return Array.from(text, (character) => {
    const glyph = font.charToGlyph(character);
    return glyph.index === 0 ? font.charToGlyph(geta) : glyph;
  });
}

/** In units of the font's size. */
function widthOf(text: string): number {
  return glyphs(text).reduce((sum, { advanceWidth }) => sum + advanceWidth, 0) / loaded!.unitsPerEm;
}

/** Paths of ISO 32000-2 8.5.2, filled by the nonzero rule. */
function outlineOf(text: string, left: number, baseline: number, size: number): string {
  let x = left;
  return glyphs(text)
    .map((glyph) => {
      // The font's y grows downwards.
      const path = glyph.getPath(x, 0, size).commands.map(operatorOf(baseline));
      x += (glyph.advanceWidth * size) / loaded!.unitsPerEm;
      return path.length === 0 ? "" : `${path.join(" ")} f`;
    })
    .filter((path) => path !== "")
    .join("\n");
}

function operatorOf(baseline: number): (command: PathCommand) => string {
  let from = { x: 0, y: 0 };
  const point = (x: number, y: number) => `${number(x)} ${number(baseline - y)}`;
  return ({ type, x, y, x1 = 0, y1 = 0, x2 = 0, y2 = 0 }) => {
    const start = from;
    if (type !== "Z") from = { x, y };
    switch (type) {
      case "M":
        return `${point(x, y)} m`;
      case "L":
        return `${point(x, y)} l`;
      case "Q": {
        // PDF has cubic curves only.
        const third = (a: number, b: number) => a + (2 / 3) * (b - a);
        return `${point(third(start.x, x1), third(start.y, y1))} ${point(third(x, x1), third(y, y1))} ${point(x, y)} c`;
      }
      case "C":
        return `${point(x1, y1)} ${point(x2, y2)} ${point(x, y)} c`;
      case "Z":
        return "h";
    }
  };
}

const number = (value: number): string => value.toFixed(2).replace(/\.?0+$/, "");

let loaded: Font | undefined;

/** Takes a fifth of a second and some memory, so it is done at the first seal. */
function loadFont(): Font {
  const require = createRequire(import.meta.url);
  const { parse } = require("opentype.js") as { parse(file: ArrayBuffer): Font };
  const file = require.resolve("@expo-google-fonts/biz-udgothic/400Regular/BIZUDGothic_400Regular.ttf");
  return parse(Uint8Array.from(readFileSync(file)).buffer);
}
