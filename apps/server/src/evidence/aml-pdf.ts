import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { AmlRecord } from "@xid/protocol";
import PdfDocument from "pdfkit";
import { amlColumns, japanTime } from "./aml-columns.ts";

/** BIZ UDGothic (SIL Open Font License 1.1): made to be read well, also in small print. */
const font = fileURLToPath(
  import.meta.resolve("@expo-google-fonts/biz-udgothic/400Regular/BIZUDGothic_400Regular.ttf"),
);

const margin = 42;
const titleWidth = 120;

/**
 * 確認記録 of a period, a block for each record, in Japanese. The same records give the same bytes: the date of the document is the
 * period's end. A character that the font lacks is drawn as 〓, and the evidence has it.
 */
export async function amlPdf(
  records: readonly AmlRecord[],
  { from, to, client }: { from: Date; to: Date; client: string },
): Promise<Uint8Array> {
  const document = new PdfDocument({
    size: "A4",
    margin,
    font,
    lang: "ja",
    bufferPages: true,
    info: { Title: "取引時確認記録", Author: client, CreationDate: to, ModDate: to },
  });
  const chunks: Buffer[] = [];
  document.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = once(document, "end");
  const width = document.page.width - 2 * margin;
  document.fontSize(16).text("取引時確認記録").moveDown(0.3);
  document
    .fontSize(9)
    .text(`${client}  ${japanTime(from.toISOString())} から ${japanTime(to.toISOString())} まで  ${records.length}件`)
    .moveDown();
  for (const record of records) {
    const lines = amlColumns.map(({ title, value }) => ({ title, value: drawable(document, value(record)) }));
    const height = lines.reduce((sum, { value }) => sum + heightOf(document, value, width - titleWidth), 0);
    if (document.y + height > document.page.height - margin) document.addPage();
    for (const { title, value } of lines) {
      const { y } = document;
      document.fillColor("#555").text(title, margin, y, { width: titleWidth });
      document.fillColor("#000").text(value, margin + titleWidth, y, { width: width - titleWidth });
      document.y = y + heightOf(document, value, width - titleWidth);
    }
    document
      .moveTo(margin, document.y)
      .lineTo(margin + width, document.y)
      .strokeColor("#bbb")
      .stroke();
    document.y += 8;
  }
  const { count } = document.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    document.switchToPage(page);
    document.fillColor("#555").fontSize(8);
    document.text(`${page + 1} / ${count}`, margin, document.page.height - margin + 6, {
      width,
      align: "right",
      height: 12,
      lineBreak: false,
    });
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

type Document = InstanceType<typeof PdfDocument>;

function heightOf(document: Document, value: string, width: number): number {
  return document.heightOfString(value || "　", { width }) + 2;
}

/** What the font has no glyph for becomes a geta (〓), the printer's sign for a missing letter. */
function drawable(document: Document, value: string): string {
  const { font: face } = (document as unknown as { _font: { font: { hasGlyphForCodePoint(code: number): boolean } } })
    ._font;
  return [...value].map((letter) => (face.hasGlyphForCodePoint(letter.codePointAt(0)!) ? letter : "〓")).join("");
}
