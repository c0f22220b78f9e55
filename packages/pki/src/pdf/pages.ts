import { PkiError } from "../pki-error.ts";
import type { PdfRevision } from "./pdf-file.ts";
import { isArray, isDictionary, PdfReference, type PdfValue } from "./pdf-value.ts";

const maxNodes = 100_000;

/** The references of all pages, in order. Throws `MALFORMED` or `TOO_COMPLEX`. */
export function* pages(revision: PdfRevision): Generator<PdfReference> {
  const stack: PdfValue[] = [revision.catalog.get("Pages") ?? null];
  const seen = new Set<number>();
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
    else yield reference;
  }
}

/** The reference of a page, counted from 0. Throws as `pages`, and `PROFILE` when there is no such page. */
export function findPage(revision: PdfRevision, index: number): PdfReference {
  let before = 0;
  for (const page of pages(revision)) if (before++ === index) return page;
  throw new PkiError("PROFILE", `PDF: no page ${index}`);
}
