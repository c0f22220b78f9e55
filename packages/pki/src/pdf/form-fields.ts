import { PkiError } from "../pki-error.ts";
import type { PdfRevision } from "./pdf-file.ts";
import { isArray, type PdfDictionary, PdfReference, PdfString, type PdfValue } from "./pdf-value.ts";

const limits = { fields: 10_000, depth: 16 };

/** A terminal field of the form (ISO 32000-2 12.7.4), with what it inherits. */
export type FormField = {
  readonly reference: PdfReference;
  readonly dictionary: PdfDictionary;
  /** Partial names joined with full stops. */
  readonly name: string;
  /** FT: `Sig`, `Tx`, `Btn`, `Ch`. */
  readonly type: PdfValue | undefined;
};

/** All terminal fields. Throws `MALFORMED` or `TOO_COMPLEX`; fields that are no objects of their own are left out. */
export function formFields(revision: PdfRevision): FormField[] {
  const form = revision.dictionary(revision.catalog.get("AcroForm"));
  const roots = revision.resolve(form?.get("Fields"));
  const fields: FormField[] = [];
  const seen = new Set<number>();
  const visit = (value: PdfValue, parent: { name: string; type: PdfValue | undefined }, depth: number): void => {
    if (!(value instanceof PdfReference) || seen.has(value.number)) return;
    if (depth > limits.depth || seen.size === limits.fields) throw new PkiError("TOO_COMPLEX", "PDF: too many fields");
    seen.add(value.number);
    const dictionary = revision.dictionary(value);
    if (dictionary === undefined) return;
    const own = dictionary.get("T");
    const partial = own === undefined ? [] : [textOf(revision.resolve(own))];
    const name = [...(parent.name === "" ? [] : [parent.name]), ...partial].join(".");
    const type = dictionary.get("FT") ?? parent.type;
    const kids = revision.resolve(dictionary.get("Kids"));
    const below = isArray(kids) ? kids.filter((kid) => revision.dictionary(kid)?.has("T")) : [];
    if (below.length === 0) fields.push({ reference: value, dictionary, name, type });
    for (const kid of below) visit(kid, { name, type }, depth + 1);
  };
  if (isArray(roots)) for (const root of roots) visit(root, { name: "", type: undefined }, 0);
  return fields;
}

/** Of names of fields and the like, for showing: without escapes of rare characters. */
function textOf(value: PdfValue): string {
  if (!(value instanceof PdfString)) return "";
  const inner = value.raw.subarray(1, -1).toString("latin1");
  const octets = value.isHexadecimal
    ? Buffer.from(inner.replace(/[^0-9a-fA-F]/g, ""), "hex")
    : Buffer.from(inner.replace(/\\([\\()])/g, "$1"), "latin1");
  if (octets[0] === 0xfe && octets[1] === 0xff && octets.length % 2 === 0) {
    return Buffer.from(octets.subarray(2)).swap16().toString("utf16le");
  }
  return octets.toString("latin1");
}
