/**
 * Writes vectors/cms, vectors/timestamp and vectors/pdf: CMS signatures, time stamps and signed PDF files, good and each broken
 * in one way, with what must come of it. What must come of it is written down here by hand, never asked of @xid/pki.
 * The keys are those of vectors/jpki/keys.json; the same keys give the same files.
 *
 *   node tools/make-signature-vectors.ts             write them
 *   node tools/make-signature-vectors.ts --check     end with 1 when they are not as they would be written
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { now, testTimestampPolicy } from "@xid/pki/testing";
import { base64 } from "./jpki-vectors/vector.ts";
import { cmsVectors } from "./signature-vectors/cms.ts";
import { pdfVectors } from "./signature-vectors/pdfs.ts";
import { nonce, timestampVectors } from "./signature-vectors/timestamps.ts";
import { content, crl, minutes, root } from "./signature-vectors/world.ts";

const [option] = process.argv.slice(2);
if (option !== undefined && option !== "--check") {
  console.error("usage: node tools/make-signature-vectors.ts [--check]");
  process.exit(2);
}

const [time, anchor] = [now.toISOString(), base64(root.certificate.der)];
const cms = await cmsVectors();
const timestamps = await timestampVectors();
const pdfs = await pdfVectors();
const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
const files = new Map<string, Buffer>([
  ["cms/cms.json", json({ time, anchor, content: base64(content), vectors: cms })],
  [
    "timestamp/timestamps.json",
    json({
      time,
      anchor,
      content: base64(content),
      nonce: nonce.toString("hex"),
      policy: testTimestampPolicy,
      crl: base64(crl),
      vectors: timestamps,
    }),
  ],
  [
    "pdf/pdfs.json",
    json({
      time: minutes(10).toISOString(),
      anchor,
      crl: base64(crl),
      vectors: pdfs.map(({ file, expect }) => ({ file, expect })),
    }),
  ],
  ...pdfs.map(({ file, pdf }) => [`pdf/${file}`, pdf] as const),
]);
for (const [name, bytes] of files) {
  const path = join(import.meta.dirname, "..", "vectors", name);
  if (option !== "--check") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  } else if (!readFileSync(path).equals(bytes)) {
    console.error(`${path} is not what tools/make-signature-vectors.ts writes`);
    process.exitCode = 1;
  }
}
