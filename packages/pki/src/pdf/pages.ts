import { PkiError } from "../pki-error.ts";
import type { PdfRevision } from "./pdf-file.ts";
import { isArray, isDictionary, PdfReference, type PdfValue } from "./pdf-value.ts";

const maxNodes = 100_000;

/** The reference of a page, counted from 0. Throws `MALFORMED`, `TOO_COMPLEX`, or `PROFILE` when there is no such page. */
export function findPage(revision: PdfRevision, index: number): PdfReference {
  const stack: PdfValue[] = [revision.catalog.get("Pages") ?? null];
  const seen = new Set<number>();
  let before = 0;
  while (stack.length > 0) {
    const reference = stack.pop()!;
    if (!(reference instanceof PdfReference) || seen.has(reference.number)) {
      throw new PkiError("MALFORMED", "PDF: a page tree that is none");
    }
    if (seen.size === maxNodes) throw new PkiError("TOO_COMPLEX", "PDF: too many pages");
    seen.add(reference.number);
    const node = revision.resolve(reference);
    if (!isDictionary(node)) throw new PkiError("MALFORMED", "PDF: a page that is none");
    const kids = revision.resolve(node.get("Kids"));
    if (isArray(kids)) for (const kid of kids.toReversed()) stack.push(kid);
    else if (before++ === index) return reference;
  }
  throw new PkiError("PROFILE", `PDF: no page ${index}`);
}
