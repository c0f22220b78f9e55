import { PkiError } from "../pki-error.ts";
import type { CrossReferenceSection } from "./cross-reference.ts";
import { formFields } from "./form-fields.ts";
import type { PdfFile, PdfRevision } from "./pdf-file.ts";
import { isPdfSpace } from "./pdf-reader.ts";
import {
  isArray,
  isDictionary,
  isName,
  type PdfDictionary,
  PdfName,
  PdfReference,
  PdfStream,
  PdfString,
  type PdfValue,
  samePdfValue,
} from "./pdf-value.ts";

/** What a revision did after the signature. */
export type LaterChangeKind =
  /** Certificates and revocation evidence (DSS, VRI). */
  | "validation_data"
  /** A document time stamp. */
  | "timestamp"
  /** A further signature that shows nothing new, or fills a field whose place was signed. */
  | "signature"
  /** A further signature that shows itself where nothing was foreseen: it may cover what was signed. */
  | "visible_signature"
  /** Title, author, times and the like. */
  | "metadata"
  | "form_fill"
  | "annotation"
  /** Anything else: contents of pages, fonts, bytes that belong to no object. */
  | "other";

export type LaterChange = { readonly kind: LaterChangeKind; readonly what: string };

const maxWalked = 1_000_000;

const infoKeys = "Title Author Subject Keywords Creator Producer CreationDate ModDate Trapped".split(" ");
/** Keys that lead back to what holds the value. */
const upward = new Set(["P", "Parent", "Data"]);

/**
 * Everything that was done to a file after the revision whose section and end these are. A change counts as what it is only
 * when each of its objects is new or was made for it: an object that was signed and is another now is `other`, so
 * is one that something signed referred to while it was not there yet.
 */
export function laterChanges(file: PdfFile, signedSection: number, signedEnd: number): LaterChange[] {
  const changes: LaterChange[] = [];
  if (signedSection === 0) {
    return signedEnd === file.bytes.length ? [] : [{ kind: "other", what: "bytes behind the last revision" }];
  }
  const dangling = danglingReferences(file.revision(signedSection), signedEnd);
  let begin = signedEnd;
  for (let index = signedSection - 1; index >= 0; index--) {
    const section = file.sections[index]!;
    const comparison = new Comparison(file.revision(index + 1), file.revision(index), section, dangling);
    changes.push(...comparison.changes());
    if (!accountsForBytes(file.revision(index), section, begin)) {
      changes.push({ kind: "other", what: "bytes that belong to no object" });
    }
    begin = section.end ?? begin;
  }
  if (begin !== file.bytes.length) changes.push({ kind: "other", what: "bytes behind the last revision" });
  return changes;
}

/** Whether a revision's bytes are its objects, its cross-references, and white space between them. */
function accountsForBytes(revision: PdfRevision, section: CrossReferenceSection, begin: number): boolean {
  if (section.end === undefined || section.offset < begin) return false;
  const offsets = [...section.entries.values()].flatMap((entry) =>
    entry !== "free" && "offset" in entry && entry.offset !== section.offset ? [entry.offset] : [],
  );
  let position = begin;
  for (const offset of [...offsets.sort((a, b) => a - b), section.offset]) {
    if (offset < position) return false;
    for (; position < offset; position++) if (!isPdfSpace(revision.file.bytes[position])) return false;
    if (offset !== section.offset) position = revision.endOf(offset);
  }
  return true;
}

/**
 * Numbers of objects that are referred to and not there. Throws `CHANGED_LATER` when one that is there goes on behind the end:
 * what follows would then be part of it.
 */
function danglingReferences(revision: PdfRevision, end: number): ReadonlySet<number> {
  const dangling = new Set<number>();
  const seen = new Set<number>();
  const stack: PdfValue[] = [revision.trailer.get("Root") ?? null];
  while (stack.length > 0) {
    const value = stack.pop()!;
    if (value instanceof PdfReference) {
      if (seen.has(value.number)) continue;
      if (seen.size === maxWalked) throw new PkiError("TOO_COMPLEX", "PDF: too many objects");
      seen.add(value.number);
      if (!revision.isInUse(value.number)) dangling.add(value.number);
      else if (revision.endOfObject(value.number) <= end) stack.push(revision.object(value.number, value.generation));
      else throw new PkiError("CHANGED_LATER", `PDF: object ${value.number} goes on behind what was signed`);
    } else for (const inner of innerValues(value)) stack.push(inner);
  }
  return dangling;
}

function innerValues(value: PdfValue): Iterable<PdfValue> {
  if (isArray(value)) return value;
  if (value instanceof PdfStream) return value.dictionary.values();
  return isDictionary(value) ? value.values() : [];
}

/** One revision against the one before it. */
class Comparison {
  readonly #before: PdfRevision;
  readonly #after: PdfRevision;
  readonly #section: CrossReferenceSection;
  readonly #dangling: ReadonlySet<number>;
  readonly #explained = new Set<number>();
  readonly #widgets = new Set<number>();
  readonly #changes: LaterChange[] = [];

  constructor(before: PdfRevision, after: PdfRevision, section: CrossReferenceSection, dangling: ReadonlySet<number>) {
    this.#before = before;
    this.#after = after;
    this.#section = section;
    this.#dangling = dangling;
  }

  changes(): readonly LaterChange[] {
    const [before, after] = [this.#before.trailer, this.#after.trailer];
    if (!samePdfValue(before.get("Root"), after.get("Root"))) return [{ kind: "other", what: "another catalog" }];
    if (!samePdfValue(before.get("Info"), after.get("Info"))) {
      this.#explainNew(after.get("Info") ?? null);
      this.#add("metadata", "document information");
    }
    this.#compareCatalog();
    this.#compareStore();
    this.#compareForm();
    this.#compareFields();
    for (const number of this.#section.entries.keys()) {
      if (!this.#explained.has(number) && this.#before.isInUse(number)) this.#compareObject(number);
    }
    for (const number of this.#section.entries.keys()) this.#requireExplained(number);
    return this.#changes;
  }

  #add(kind: LaterChangeKind, what: string): void {
    this.#changes.push({ kind, what });
  }

  #isChanged(value: PdfValue | undefined): value is PdfReference {
    return value instanceof PdfReference && this.#section.entries.has(value.number);
  }

  #compareCatalog(): void {
    const root = this.#after.trailer.get("Root");
    if (!this.#isChanged(root)) return;
    this.#explained.add(root.number);
    for (const key of differences(this.#before.catalog, this.#after.catalog)) {
      if (key === "DSS" || key === "AcroForm") continue;
      const value = this.#after.catalog.get(key) ?? null;
      if (key === "Extensions" && isDictionary(value)) this.#add("validation_data", "extensions of the catalog");
      else if (key === "Metadata" && this.#explainNew(value)) this.#add("metadata", "metadata");
      else this.#add("other", `${key} of the catalog`);
    }
  }

  /** Only additions to the DSS (EN 319 142-1 5.4.2). */
  #compareStore(): void {
    const [before, after] = [this.#before.catalog.get("DSS"), this.#after.catalog.get("DSS")];
    const store = this.#after.dictionary(after);
    if (store === undefined) {
      if (before !== undefined) this.#add("other", "the security store is gone");
      return;
    }
    const earlier = this.#before.dictionary(before) ?? new Map();
    let added = this.#explainHolder(before, after);
    for (const key of new Set([...earlier.keys(), ...store.keys()])) {
      if (key === "Type") continue;
      if (key === "VRI") added = this.#compareVri(earlier.get(key), store.get(key)) || added;
      else if (key === "Certs" || key === "OCSPs" || key === "CRLs") {
        added =
          this.#compareArray(earlier.get(key), store.get(key), (element) => this.#explainStream(element)) || added;
      } else if (!samePdfValue(earlier.get(key), store.get(key))) this.#add("other", `${key} of the security store`);
    }
    if (added) this.#add("validation_data", "security store");
  }

  #compareVri(before: PdfValue | undefined, after: PdfValue | undefined): boolean {
    const [earlier, later] = [this.#before.dictionary(before) ?? new Map(), this.#after.dictionary(after) ?? new Map()];
    const held = this.#explainHolder(before, after);
    let added = false;
    for (const key of differences(earlier, later)) {
      added = true;
      if (earlier.has(key) || !this.#explainNew(later.get(key) ?? null))
        this.#add("other", "VRI of the security store");
    }
    return held || added;
  }

  /**
   * Marks what holds a value as explained where it is a new object, or the same one changed. Answers whether it was marked;
   * another object that was there already is not.
   */
  #explainHolder(before: PdfValue | undefined, after: PdfValue | undefined): boolean {
    if (!this.#isChanged(after)) return false;
    const same = before instanceof PdfReference && before.number === after.number;
    if (!same && this.#before.isInUse(after.number)) return false;
    this.#explained.add(after.number);
    return true;
  }

  /** Elements may only be appended; answers whether some were. */
  #compareArray(
    before: PdfValue | undefined,
    after: PdfValue | undefined,
    explain: (element: PdfValue) => boolean,
  ): boolean {
    const [earlier, later] = [this.#before.resolve(before) ?? [], this.#after.resolve(after) ?? []];
    if (!isArray(earlier) || !isArray(later) || earlier.some((element, at) => !samePdfValue(element, later[at]))) {
      this.#add("other", "a list whose elements are others");
      return false;
    }
    this.#explainHolder(before, after);
    const additions = later.slice(earlier.length);
    for (const element of additions) if (!explain(element)) this.#add("other", "an element of a list");
    return additions.length > 0;
  }

  #explainStream(element: PdfValue): boolean {
    return this.#after.resolve(element) instanceof PdfStream && this.#explainNew(element);
  }

  /** Marks all objects below a value that are part of this revision as explained; false when one was there before. */
  #explainNew(value: PdfValue): boolean {
    const stack: PdfValue[] = [value];
    let isNew = true;
    while (stack.length > 0) {
      const current = stack.pop()!;
      if (current instanceof PdfReference) {
        const { number, generation } = current;
        if (!this.#section.entries.has(number) || this.#explained.has(number)) continue;
        if (this.#before.isInUse(number)) isNew = false;
        else {
          this.#explained.add(number);
          stack.push(this.#after.object(number, generation));
        }
      } else if (isDictionary(current) || current instanceof PdfStream) {
        const dictionary = current instanceof PdfStream ? current.dictionary : current;
        for (const [key, inner] of dictionary) if (!upward.has(key)) stack.push(inner);
      } else for (const inner of innerValues(current)) stack.push(inner);
    }
    return isNew;
  }

  #compareForm(): void {
    const [before, after] = [this.#before.catalog.get("AcroForm"), this.#after.catalog.get("AcroForm")];
    const [earlier, later] = [this.#before.dictionary(before), this.#after.dictionary(after)];
    if (later === undefined) {
      if (earlier !== undefined) this.#add("other", "the form is gone");
      return;
    }
    this.#explainHolder(before, after);
    for (const key of differences(earlier ?? new Map(), later)) {
      if (key === "Fields" || key === "SigFlags") continue;
      // Where there was no form, nothing can look different by its defaults.
      if (earlier === undefined && (key === "DR" || key === "DA") && this.#explainNew(later.get(key) ?? null)) continue;
      this.#add("other", `${key} of the form`);
    }
    this.#compareArray(earlier?.get("Fields"), later.get("Fields"), (element) => this.#explainSignatureField(element));
  }

  #explainSignatureField(reference: PdfValue): boolean {
    if (!this.#isChanged(reference) || this.#before.isInUse(reference.number)) return false;
    const field = this.#after.dictionary(reference);
    const forbidden = ["A", "AA", "Kids", "Parent"].some((key) => field?.has(key));
    if (field === undefined || forbidden || !isName(field.get("FT"), "Sig")) return false;
    const kind = this.#signatureKind(field.get("V"));
    if (kind === undefined || !this.#explainNew(reference)) return false;
    this.#widgets.add(reference.number);
    const rectangle = this.#after.resolve(field.get("Rect"));
    this.#add(kind === "signature" && !isEmpty(rectangle) ? "visible_signature" : kind, "a further signature field");
    if (kind === "timestamp" && !isEmpty(rectangle)) this.#add("visible_signature", "a time stamp that shows itself");
    return true;
  }

  #signatureKind(value: PdfValue | undefined): "signature" | "timestamp" | undefined {
    const signature = this.#after.dictionary(value);
    if (signature === undefined || !signature.has("ByteRange")) return undefined;
    return isName(signature.get("SubFilter"), "ETSI.RFC3161") ? "timestamp" : "signature";
  }

  #compareFields(): void {
    for (const { reference, dictionary, name, type } of formFields(this.#before)) {
      if (!this.#isChanged(reference) || this.#explained.has(reference.number)) continue;
      const later = this.#after.dictionary(reference);
      if (later === undefined) continue;
      const keys = differences(dictionary, later);
      const isSignature = isName(type, "Sig");
      if (isSignature && dictionary.has("V")) continue;
      const allowed = isSignature ? ["V", "AP", "M"] : ["V", "AP", "AS", "I", "M"];
      const kind = isSignature ? this.#signatureKind(later.get("V")) : "form_fill";
      if (kind === undefined || keys.some((key) => !allowed.includes(key))) continue;
      this.#explained.add(reference.number);
      for (const key of keys) if (!this.#explainNew(later.get(key) ?? null)) this.#add("other", `${key} of a field`);
      this.#add(kind, `field ${name}`);
    }
  }

  /** An object that was there before and is another now. */
  #compareObject(number: number): void {
    const [before, after] = [this.#before.object(number), this.#after.object(number)];
    if (isDictionary(before) && isDictionary(after)) {
      const keys = differences(before, after);
      const info = this.#after.trailer.get("Info");
      if (isName(before.get("Type"), "Page") && keys.every((key) => key === "Annots")) {
        this.#explained.add(number);
        this.#compareArray(before.get("Annots"), after.get("Annots"), (element) => this.#explainAnnotation(element));
      } else if (
        info instanceof PdfReference &&
        info.number === number &&
        keys.every((key) => infoKeys.includes(key))
      ) {
        const texts = keys.map((key) => after.get(key));
        if (texts.some((text) => text !== undefined && !(text instanceof PdfString || text instanceof PdfName))) return;
        this.#explained.add(number);
        this.#add("metadata", "document information");
      }
    } else if (isArray(before) && isArray(after)) {
      // The Annots of a page, or harmless: signature widgets do nothing elsewhere.
      const additions = after.slice(before.length);
      const kept = before.every((element, at) => samePdfValue(element, after[at]));
      if (kept && additions.every((element) => this.#isWidget(element))) this.#explained.add(number);
    }
  }

  #isWidget(element: PdfValue): boolean {
    return element instanceof PdfReference && this.#widgets.has(element.number);
  }

  #explainAnnotation(element: PdfValue): boolean {
    if (this.#isWidget(element)) return true;
    this.#add("annotation", "an annotation");
    return this.#explainNew(element);
  }

  #requireExplained(number: number): void {
    const wasInUse = this.#before.isInUse(number);
    if (this.#explained.has(number)) {
      if (this.#dangling.has(number)) this.#add("other", `object ${number} was missing when it was signed`);
    } else if (wasInUse) this.#add("other", `object ${number} is another`);
    else if (this.#after.isInUse(number)) {
      const value = this.#after.object(number);
      const type = value instanceof PdfStream ? value.dictionary.get("Type") : undefined;
      const isStructure = isName(type, "XRef") || isName(type, "ObjStm");
      if (!isStructure || this.#dangling.has(number)) this.#add("other", `object ${number} belongs to nothing known`);
    }
  }
}

/** Keys under which two dictionaries have different values. */
function differences(before: PdfDictionary, after: PdfDictionary): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => !samePdfValue(before.get(key), after.get(key)));
}

function isEmpty(rectangle: PdfValue): boolean {
  if (!isArray(rectangle)) return false;
  const [left, bottom, right, top] = rectangle;
  return left === right || bottom === top;
}
