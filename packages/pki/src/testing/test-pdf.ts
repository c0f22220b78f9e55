import { deflateSync } from "node:zlib";

/** Objects of a page with a line of text; `1` is the catalog. */
const body = (text: string): string[] => {
  const content = `BT /F1 24 Tf 72 700 Td (${text}) Tj ET`;
  return [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    `<</Length ${content.length}>>\nstream\n${content}\nendstream`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
};

/** A PDF of one page with a classic cross-reference table. `more` are further objects, from number 6. */
export function testPdf(text = "Contract", more: readonly string[] = [], catalog?: string): Buffer {
  const objects = [...body(text), ...more];
  if (catalog !== undefined) objects[0] = catalog;
  let file = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const trailer = `trailer\n<</Size ${size}/Root 1 0 R/ID[<00><00>]>>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 ${size}\n0000000000 65535 f \n${entries}${trailer}`, "latin1");
}

/** The same page with its dictionaries in an object stream and a cross-reference stream with predictors. */
export function testPdfWithStreams(text = "Contract"): Buffer {
  const objects = body(text);
  const inside = [1, 2, 3, 5];
  const parts = inside.map((number) => objects[number - 1]!);
  let position = 0;
  const header = parts.map((part, index) => {
    const pair = `${inside[index]} ${position}`;
    position += part.length + 1;
    return pair;
  });
  const first = `${header.join(" ")} `;
  const packed = deflateSync(Buffer.from(`${first}${parts.join(" ")}`, "latin1"));
  const chunks: Buffer[] = [Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1")];
  const length = () => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const add = (object: string, stream?: Buffer): number => {
    const offset = length();
    chunks.push(Buffer.from(object, "latin1"));
    if (stream) chunks.push(Buffer.from("\nstream\n"), stream, Buffer.from("\nendstream"));
    chunks.push(Buffer.from("\nendobj\n"));
    return offset;
  };
  const content = add(`4 0 obj\n${objects[3]}`);
  const container = add(
    `6 0 obj\n<</Type/ObjStm/N ${inside.length}/First ${first.length}/Filter/FlateDecode/Length ${packed.length}>>`,
    packed,
  );
  const start = length();
  const rows = [
    [0, 0, 255],
    [2, 6, 0],
    [2, 6, 1],
    [2, 6, 2],
    [1, content, 0],
    [2, 6, 3],
    [1, container, 0],
    [1, start, 0],
  ].map(([type, second, third]) => [type!, second! >> 8, second! & 255, third!]);
  const predicted = rows.flatMap((row, index) => [
    2,
    ...row.map((octet, at) => (octet - (rows[index - 1]?.[at] ?? 0)) & 255),
  ]);
  const table = deflateSync(Buffer.from(predicted));
  add(
    `7 0 obj\n<</Type/XRef/Size 8/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>/Length ${table.length}>>`,
    table,
  );
  chunks.push(Buffer.from(`startxref\n${start}\n%%EOF\n`));
  return Buffer.concat(chunks);
}

/** One more revision with these objects and a classic table: what an editor, or an attacker, appends. */
export function appendRevision(pdf: Uint8Array, objects: Readonly<Record<number, string>>, trailer = ""): Buffer {
  const before = Buffer.from(pdf).toString("latin1");
  const [, previous] = /startxref\s+([0-9]+)\s+%%EOF\s*$/.exec(before)!;
  const sizes = [...before.matchAll(/\/Size ([0-9]+)/g)].map((match) => Number(match[1]));
  const size = Math.max(...sizes, ...Object.keys(objects).map((number) => Number(number) + 1));
  let file = before;
  let table = "xref\n";
  for (const [number, object] of Object.entries(objects)) {
    table += `${number} 1\n${String(file.length).padStart(10, "0")} 00000 n \n`;
    file += `${number} 0 obj\n${object}\nendobj\n`;
  }
  const root = trailer.includes("/Root") ? "" : "/Root 1 0 R";
  const id = before.includes("/ID[<00><00>]") ? "/ID[<00><00>]" : "";
  const end = `trailer\n<</Size ${size}${root}${id}/Prev ${previous}${trailer}>>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + table + end, "latin1");
}
