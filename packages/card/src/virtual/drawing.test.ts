import { crc32, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawText } from "./draw-text.ts";
import { portrait, portraitCount } from "./portrait.ts";
import { coverage } from "./raster.ts";

/** Width, height and pixels (true is black) of a PNG of one grey bit for each pixel; checks every checksum. */
function decode(png: Buffer): { width: number; height: number; black: boolean[][] } {
  expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
    chunks.set(typed.toString("latin1", 0, 4), typed.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
  const header = chunks.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect(header.subarray(8).toString("hex")).toBe("0100000000");
  const rows = inflateSync(chunks.get("IDAT")!);
  const rowSize = 1 + Math.ceil(width / 8);
  expect(rows).toHaveLength(rowSize * height);
  const black = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (rows[y * rowSize + 1 + (x >> 3)]! & (0x80 >> (x & 7))) === 0),
  );
  return { width, height, black };
}

const share = (black: boolean[][]) => black.flat().filter(Boolean).length / black.flat().length;

describe("text is drawn", () => {
  test.each([
    ["a My Number", "123456789018", { height: 12, lineWidth: 72 }, 72, 12],
    ["a security code", "2285", { height: 12, lineWidth: 24 }, 24, 12],
    ["a name", "山田　花子", { height: 24, lineWidth: 480 }, 120, 24],
    ["an address of two lines", "東".repeat(30), { height: 16, lineWidth: 448 }, 448, 32],
  ])("%s in its size, with ink and paper", (_, text, size, width, height) => {
    const drawn = decode(drawText(text, size));
    expect([drawn.width, drawn.height]).toEqual([width, height]);
    expect(share(drawn.black)).toBeGreaterThan(0.05);
    expect(share(drawn.black)).toBeLessThan(0.6);
  });

  test("each digit in its own shape", () => {
    const drawn = Array.from("0123456789", (digit) => drawText(digit, { height: 12, lineWidth: 6 }).toString("hex"));
    expect(new Set(drawn)).toHaveLength(10);
  });

  test("with 〓 for a character that the font does not have", () => {
    const size = { height: 24, lineWidth: 480 };
    expect(drawText("𠮷田", size)).toEqual(drawText("〓田", size));
    expect(drawText("髙田", size)).not.toEqual(drawText("〓田", size));
  });

  test("whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
        const { width, height } = decode(drawText(text, { height: 12, lineWidth: 120 }));
        expect(width).toBeGreaterThanOrEqual(1);
        expect(height % 12).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

test("a shape with a hole covers its pixels by non-zero winding", () => {
  const square = (from: number, to: number) => [
    { x: from, y: from },
    { x: to, y: from },
    { x: to, y: to },
    { x: from, y: to },
  ];
  const covered = coverage([square(0.5, 4), square(1, 3).reverse()], 4, 4);
  expect([...covered]).toEqual([4, 8, 8, 8, 8, 0, 0, 16, 8, 0, 0, 16, 8, 16, 16, 16]);
});

describe("a portrait", () => {
  test("is a grey JPEG 2000 picture, another for each number", () => {
    const portraits = Array.from({ length: portraitCount }, (_, number) => portrait(number));
    for (const file of portraits) {
      expect(file.subarray(0, 12).toString("hex")).toBe("0000000c6a5020200d0a870a");
      // ISO/IEC 15444-1 §I.5.3.1: height, width, components, bits less one.
      const header = file.subarray(file.indexOf("ihdr") + 4);
      expect([header.readUInt32BE(0), header.readUInt32BE(4), header.readUInt16BE(8), header[10]]).toEqual([
        200, 150, 1, 7,
      ]);
      expect(file.length).toBeLessThan(4096);
    }
    expect(new Set(portraits.map((file) => file.toString("hex")))).toHaveLength(portraitCount);
  });

  test("is there for any number", () => {
    for (const number of [-1, 6, 9843, 1.5]) expect(portrait(number).length).toBeGreaterThan(1000);
    expect(portrait(7)).toEqual(portrait(1));
  });
});
