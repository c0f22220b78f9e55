import { PkiError } from "../pki-error.ts";
import { docMdpPermission } from "./doc-mdp.ts";
import { formFields } from "./form-fields.ts";
import { pages } from "./pages.ts";
import { PdfFile } from "./pdf-file.ts";
import { isName } from "./pdf-value.ts";

/** What matters of a PDF before it is signed. */
export type PdfDescription = {
  pages: number;
  /** Fields that are signed already, document time stamps among them. */
  signatures: number;
};

/**
 * Reads a PDF strictly, as `signPdf` and `validatePdf` will: what passes can be signed. Throws `PkiError`: `MALFORMED`, `UNSUPPORTED`
 * (encrypted, among others), `TOO_COMPLEX` (over 50 MiB, among others), or `PROFILE` for a file without pages or that an earlier signature
 * certified against any change. Earlier signatures are not verified.
 */
export function inspectPdf(pdf: Uint8Array): PdfDescription {
  const revision = new PdfFile(pdf).newest;
  if (docMdpPermission(revision) === 1) throw new PkiError("PROFILE", "PDF: certified against any change");
  const count = [...pages(revision)].length;
  if (count === 0) throw new PkiError("PROFILE", "PDF: no pages");
  const signed = formFields(revision).filter(({ type, dictionary }) => isName(type, "Sig") && dictionary.has("V"));
  return { pages: count, signatures: signed.length };
}
