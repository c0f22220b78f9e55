import { PkiError } from "../pki-error.ts";
import { IncrementalUpdate } from "./incremental-update.ts";
import { PdfFile } from "./pdf-file.ts";
import { isArray, PdfReference, PdfStream, type PdfValue } from "./pdf-value.ts";

/** DER of what later verification needs. */
export type ValidationData = {
  certificates: readonly Uint8Array[];
  ocspResponses: readonly Uint8Array[];
  crls: readonly Uint8Array[];
};

/**
 * Puts certificates and revocation evidence into the file's document security store in one more revision (PAdES B-LT, EN 319
 * 142-1 5.4.2), beside what is there. Without VRI: everything serves every signature. Throws what `PdfFile` throws. Whether the
 * evidence answers for the signatures is not checked: `validatePdf` does.
 */
export function addValidationData(pdf: Uint8Array, data: ValidationData): Uint8Array {
  const { newest: revision } = new PdfFile(pdf);
  const update = new IncrementalUpdate(revision);
  const { catalog } = revision;
  const store = new Map(revision.dictionary(catalog.get("DSS")) ?? []);
  for (const [key, pieces] of [
    ["Certs", data.certificates],
    ["OCSPs", data.ocspResponses],
    ["CRLs", data.crls],
  ] as const) {
    const present = revision.resolve(store.get(key));
    const references: PdfValue[] = isArray(present) ? [...present] : [];
    const known = references.map((reference) => revision.resolve(reference));
    for (const piece of pieces) {
      if (known.some((stream) => stream instanceof PdfStream && stream.raw.equals(piece))) continue;
      const stream = new PdfStream(new Map(), Buffer.from(piece));
      known.push(stream);
      references.push(update.add(stream));
    }
    if (references.length > 0) store.set(key, references);
  }
  const root = revision.trailer.get("Root");
  if (!(root instanceof PdfReference)) throw new PkiError("MALFORMED", "PDF: no catalog");
  const before = catalog.get("DSS");
  if (before instanceof PdfReference) update.replace(before, store);
  else update.replace(root, new Map([...catalog, ["DSS", update.add(store)]]));
  return update.write().bytes;
}
