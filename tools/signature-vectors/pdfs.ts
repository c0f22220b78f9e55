import { addValidationData, buildTimestampRequest, signPdf, timestampPdf } from "@xid/pki";
import { appendRevision, testPdf, testPdfWithStreams } from "@xid/pki/testing";
import { answers, hanako, jiro, minutes, root, stampAt } from "./world.ts";

/** What must come of the first signature, or of the whole file. */
export type PdfExpectation =
  | { indication: string; subIndication?: string; code?: string; laterChanges?: string[] }
  | { error: string };
export type PdfVector = { file: string; expect: PdfExpectation; pdf: Buffer };

const stampedAt = (time: Date) => (digest: Uint8Array) => stampAt(time)(digest, buildTimestampRequest({ digest }));
const appearance = {
  page: 0,
  rectangle: [300, 60, 520, 120] as const,
  content: Buffer.from("0.9 g 0 0 220 60 re f BT 0 g /F1 12 Tf 10 25 Td (Signed) Tj ET"),
  resources: Buffer.from("<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"),
};

const lastOf = (pdf: Uint8Array, number: number): string =>
  [
    ...Buffer.from(pdf)
      .toString("latin1")
      .matchAll(new RegExp(`\\n${number} 0 obj\\n(.*)\\nendobj`, "g")),
  ].at(-1)![1]!;
const stream = (text: string) => `<</Length ${text.length}>>\nstream\n${text}\nendstream`;
const evil = "BT /F1 24 Tf 72 700 Td (1,000,000 yen) Tj ET";

function replaced(pdf: Uint8Array, from: string | RegExp, to: string | ((...found: string[]) => string)): Buffer {
  const text = Buffer.from(pdf).toString("latin1");
  const changed = typeof to === "string" ? text.replace(from, to) : text.replace(from, to);
  if (changed === text) throw new Error(`nothing to replace: ${from}`);
  return Buffer.from(changed, "latin1");
}

function ranged(pdf: Uint8Array, to: (gap: number, after: number, rest: number) => string): Buffer {
  return replaced(pdf, /\/ByteRange \[0 ([0-9]+) ([0-9]+) ([0-9]+) *\]/, (whole, gap, after, rest) =>
    `/ByteRange ${to(Number(gap), Number(after), Number(rest))}`.padEnd(whole!.length).slice(0, whole!.length),
  );
}

export async function pdfVectors(): Promise<PdfVector[]> {
  const plain = testPdf();
  const signed = Buffer.from(await signPdf(plain, hanako));
  const stamped = await signPdf(plain, { ...hanako, timestamp: stampedAt(minutes(1)) });
  const kept = addValidationData(stamped, { certificates: [root.certificate.der], ocspResponses: answers, crls: [] });
  const archived = await timestampPdf(kept, stampedAt(minutes(5)));
  const catalog = lastOf(signed, 1);
  const passed = (file: string, pdf: Uint8Array, laterChanges: string[] = []): PdfVector => ({
    file: `good/${file}`,
    expect: { indication: "TOTAL_PASSED", laterChanges },
    pdf: Buffer.from(pdf),
  });
  const failed = (file: string, pdf: Uint8Array, code: string, subIndication: string): PdfVector => ({
    file,
    expect: { indication: "TOTAL_FAILED", subIndication, code },
    pdf: Buffer.from(pdf),
  });
  const later = (file: string, objects: Record<number, string>, trailer = "") =>
    failed(`later/${file}`, appendRevision(signed, objects, trailer), "CHANGED_LATER", "FORMAT_FAILURE");
  const badRange = (file: string, to: Parameters<typeof ranged>[1]) =>
    failed(`range/${file}`, ranged(signed, to), "BYTE_RANGE", "FORMAT_FAILURE");
  const dangling = await signPdf(testPdf("Contract", [], "<</Type/Catalog/Pages 2 0 R/Names 70 0 R>>"), hanako);
  const field = "<</FT/Tx/T(amount)/Type/Annot/Subtype/Widget/Rect[10 10 90 30]/P 3 0 R>>";
  const form = await signPdf(
    testPdf("Contract", [field], "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>"),
    hanako,
  );
  return [
    passed("b-b.pdf", signed),
    passed("b-t.pdf", stamped),
    passed("b-lt.pdf", kept, ["validation_data"]),
    passed("b-lta.pdf", archived, ["validation_data", "timestamp"]),
    passed("visible.pdf", await signPdf(plain, { ...hanako, appearance })),
    passed("object-streams.pdf", await signPdf(testPdfWithStreams(), hanako)),
    passed("two-signers.pdf", await signPdf(signed, jiro), ["signature"]),
    failed("changed-text.pdf", replaced(signed, "(Contract)", "(Contrast)"), "DIGEST_MISMATCH", "HASH_FAILURE"),
    badRange("begins-late.pdf", (gap, after, rest) => `[1 ${gap - 1} ${after} ${rest}]`),
    badRange("gap-too-long.pdf", (gap, after, rest) => `[0 ${gap - 1} ${after} ${rest}]`),
    badRange("gap-ends-late.pdf", (gap, after, rest) => `[0 ${gap} ${after + 1} ${rest - 1}]`),
    badRange("ends-early.pdf", (gap, after, rest) => `[0 ${gap} ${after} ${rest - 20}]`),
    badRange("two-gaps.pdf", (gap, after) => `[0 ${gap} ${after} 1 ${after + 9} 1]`),
    failed("range/padding.pdf", replaced(signed, "000>", "001>"), "BYTE_RANGE", "FORMAT_FAILURE"),
    later("content.pdf", { 4: stream(evil) }),
    later("page.pdf", { 3: lastOf(signed, 3).replace("/Contents 4 0 R", "/Contents 20 0 R"), 20: stream(evil) }),
    later("page-tree.pdf", { 1: catalog.replace("/Pages 2 0 R", "/Pages 21 0 R") }),
    later("catalog.pdf", { 30: catalog }, "/Root 30 0 R"),
    later("font.pdf", { 5: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>" }),
    later("open-action.pdf", { 1: catalog.replace("<<", "<</OpenAction 40 0 R"), 40: "<<>>" }),
    later("annotation.pdf", {
      3: lastOf(signed, 3).replace(/\/Annots \[(.*?)\]/, "/Annots [$1 50 0 R ]"),
      50: "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 800]/Contents(1,000,000 yen)>>",
    }),
    later("unknown-object.pdf", { 60: "<<>>" }),
    later("hidden-object.pdf", {
      1: catalog.replace("<<", "<</DSS 60 0 R"),
      60: `<<>>\nendobj\n4 0 obj\n${stream(evil)}`,
    }),
    failed(
      "later/missing-object.pdf",
      appendRevision(dangling, {
        1: lastOf(dangling, 1).replace("<<", "<</DSS 71 0 R"),
        70: stream("certificate"),
        71: "<</Certs[70 0 R]>>",
      }),
      "CHANGED_LATER",
      "FORMAT_FAILURE",
    ),
    failed(
      "later/form-fill.pdf",
      appendRevision(form, { 6: field.replace("/P", "/V(100)/P") }),
      "CHANGED_LATER",
      "FORMAT_FAILURE",
    ),
    failed(
      "later/visible-signature.pdf",
      await signPdf(signed, { ...jiro, appearance }),
      "CHANGED_LATER",
      "FORMAT_FAILURE",
    ),
    {
      file: "bytes-behind-the-end.pdf",
      expect: { error: "MALFORMED" },
      pdf: Buffer.concat([signed, Buffer.from(evil)]),
    },
    { file: "unsigned.pdf", expect: { error: "NO_SIGNATURE" }, pdf: plain },
  ];
}
