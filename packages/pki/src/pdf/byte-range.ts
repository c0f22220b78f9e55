import { withDefiniteLength } from "../cms/definite-length.ts";
import { PkiError } from "../pki-error.ts";
import { lastCrossReference } from "./cross-reference.ts";
import type { FormField } from "./form-fields.ts";
import type { PdfFile } from "./pdf-file.ts";
import { isArray, isDictionary, type PdfDictionary, PdfReference, PdfString } from "./pdf-value.ts";

const broken = (what: string): PkiError => new PkiError("BYTE_RANGE", `PDF: ${what}`);

/** A signature whose byte range was verified to be everything of its revision but its own Contents. */
export type SignedRange = {
  readonly dictionary: PdfDictionary;
  /** Before and after Contents. */
  readonly parts: readonly [Buffer, Buffer];
  /** What Contents holds, with every length written out and without the zeros behind it. */
  readonly contents: Buffer;
  /** Index of the signed revision's section. */
  readonly section: number;
  /** Where the signed revision ends. */
  readonly end: number;
};

/**
 * Verifies which bytes a signature is over (ISO 32000-2 12.8.1): from the first octet of the file to the end of a revision,
 * with one gap, which is exactly the hexadecimal string of Contents. Throws `BYTE_RANGE`.
 */
export function verifyByteRange(file: PdfFile, { dictionary: field }: FormField): SignedRange {
  const { bytes, newest } = file;
  const reference = field.get("V");
  const dictionary = newest.dictionary(reference);
  if (!(reference instanceof PdfReference) || !isDictionary(dictionary)) throw broken("a signature that is no object");
  const entry = newest.entry(reference.number);
  if (entry === undefined || entry === "free" || !("offset" in entry)) throw broken("a compressed signature");
  const range = dictionary.get("ByteRange");
  const contents = dictionary.get("Contents");
  if (!isArray(range) || range.length !== 4 || !range.every((one) => Number.isInteger(one)))
    throw broken("no ByteRange");
  if (!(contents instanceof PdfString) || !contents.isHexadecimal) throw broken("Contents is no hexadecimal string");
  const [start, gap, after, length] = range as number[] as [number, number, number, number];
  const end = after + length;
  if (start !== 0) throw broken("the signature does not begin with the file");
  if (gap !== contents.start || after !== contents.start + contents.raw.length) throw broken("the gap is not Contents");
  if (gap < entry.offset || length < 1 || end > bytes.length) throw broken("the signature ends elsewhere");
  const section = sectionThatEnds(file, end);
  const own = file.revision(section).entry(reference.number);
  if (own === undefined || own === "free" || !("offset" in own) || own.offset !== entry.offset) {
    throw broken("the signature is not in the revision that it signs");
  }
  const parts = [bytes.subarray(0, gap), bytes.subarray(after, end)] as const;
  return { dictionary, parts, contents: unpadded(contents), section, end };
}

function sectionThatEnds(file: PdfFile, end: number): number {
  let offset: number;
  try {
    offset = lastCrossReference(file.bytes, end);
  } catch (cause) {
    throw new PkiError("BYTE_RANGE", "PDF: the signature does not end with a revision", { cause });
  }
  const section = file.sections.findIndex((one) => one.offset === offset);
  if (section === -1) throw broken("the signed revision is none of the file's");
  if (file.sections.slice(0, section).some((later) => later.offset < end)) throw broken("revisions out of order");
  // A trailer that goes on behind the end would be another one when it was signed.
  if (file.sections.slice(section).some(({ readTo }) => readTo > end)) throw broken("a trailer behind the end");
  return section;
}

/** The signature says by itself where it ends; what follows must be zeros. */
function unpadded({ raw }: PdfString): Buffer {
  const digits = raw.toString("latin1", 1, raw.length - 1);
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) throw broken("Contents is not whole octets");
  const octets = Buffer.from(digits, "hex");
  const { der, end } = signatureIn(octets);
  if (octets.subarray(end).some((octet) => octet !== 0)) throw broken("something behind the signature in Contents");
  return der;
}

function signatureIn(octets: Buffer): { der: Buffer; end: number } {
  try {
    return withDefiniteLength(octets);
  } catch (cause) {
    throw new PkiError("BYTE_RANGE", "PDF: Contents is no signature", { cause });
  }
}
