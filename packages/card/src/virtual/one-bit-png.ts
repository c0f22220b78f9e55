import { crc32, deflateSync } from "node:zlib";

/** A greyscale PNG of one bit for each pixel: black where `black` says so, row by row. */
export function oneBitPng(black: boolean[], width: number, height: number): Buffer {
  const rowSize = 1 + Math.ceil(width / 8);
  // Each row begins with its filter, which is none; a set bit is white.
  const rows = Buffer.alloc(rowSize * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!black[y * width + x]) rows[y * rowSize + 1 + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "ascii"), content]);
  const frame = Buffer.alloc(4);
  const check = Buffer.alloc(4);
  frame.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([frame, typed, check]);
}
