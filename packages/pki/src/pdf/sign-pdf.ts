import { createHash } from "node:crypto";
import { buildSignedData, type SignerInput, signedAttributes, type TimestampSource } from "../cms/signed-data.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";
import { docMdpPermission } from "./doc-mdp.ts";
import { formFields } from "./form-fields.ts";
import { IncrementalUpdate } from "./incremental-update.ts";
import { findPage } from "./pages.ts";
import { PdfFile, type PdfRevision } from "./pdf-file.ts";
import { PdfReader } from "./pdf-reader.ts";
import {
  isArray,
  isDictionary,
  isName,
  PdfName,
  PdfReference,
  PdfStream,
  PdfString,
  type PdfValue,
  pdfText,
} from "./pdf-value.ts";

/** What is seen of a signature on a page. */
export type PdfAppearance = {
  /** From 0. */
  page: number;
  /** Left, bottom, right and top in the page's units. */
  rectangle: readonly [number, number, number, number];
  /** Operators that draw it, from 0,0 at the lower left (ISO 32000-2 12.5.5). */
  content: Uint8Array;
  /** The resource dictionary of `content` as a PDF file has it, with direct objects: `<</Font …>>`. */
  resources?: Uint8Array;
};

export type PdfSignatureInput = Omit<SignerInput, "signingTime"> & {
  /** What the signer says the time is. */
  signingTime: Date;
  /** Of the new field, `Signature1` and so on by default; or of an empty one that is there (`addSignatureFields`). */
  fieldName?: string;
  reason?: string;
  location?: string;
  /** Invisible without. */
  appearance?: PdfAppearance;
};

/**
 * Signs a PDF in one more revision, so that everything before it stays byte for byte: PAdES B-B, with `timestamp` B-T (ETSI EN
 * 319 142-1). Throws `PkiError`: what `PdfFile` throws, `PROFILE` (an earlier signature forbids any change, no such page, a field of
 * that name), `SIGNATURE_INVALID`, or `TOO_COMPLEX` when the signature does not fit into the space for it. Earlier signatures are not verified.
 */
export async function signPdf(pdf: Uint8Array, input: PdfSignatureInput): Promise<Uint8Array> {
  const draft = draftPdfSignature(pdf, { ...input, withTimestamp: input.timestamp !== undefined });
  return draft.finish(await input.sign(draft.toBeSigned), input.timestamp);
}

export type PdfDraftInput = Omit<PdfSignatureInput, "sign" | "timestamp"> & {
  /** Whether there shall be space for a time stamp. */
  withTimestamp: boolean;
};

/** A file that waits for its signature. */
export type PdfDraft = {
  /** The whole file with an empty signature: all but the zeros of Contents is what will be signed. */
  readonly pdf: Uint8Array;
  /** What the signer's key signs (RFC 5652 section 5.4). */
  readonly toBeSigned: Uint8Array;
  /** The file with this signature over `toBeSigned`, and with a time stamp over it. `pdf` is of no use afterwards. */
  finish(signature: Uint8Array, timestamp?: TimestampSource): Promise<Uint8Array>;
};

/**
 * The first half of `signPdf`, for a key that is elsewhere. The same file and input give the same draft. Throws as `signPdf`.
 */
export function draftPdfSignature(pdf: Uint8Array, input: PdfDraftInput): PdfDraft {
  const { certificate, furtherCertificates = [], withTimestamp, signingTime, reason, location } = input;
  const space = [certificate, ...furtherCertificates].reduce(
    (sum, { length }) => sum + length,
    withTimestamp ? 20_480 : 4096,
  );
  const texts: [string, PdfValue][] = [["M", new PdfString(Buffer.from(`(${dateText(signingTime)})`))]];
  if (reason !== undefined) texts.push(["Reason", pdfText(reason)]);
  if (location !== undefined) texts.push(["Location", pdfText(location)]);
  const draft = draftSignature(pdf, {
    type: "Sig",
    subFilter: "ETSI.CAdES.detached",
    space,
    texts,
    fieldName: input.fieldName,
    appearance: input.appearance,
  });
  const { algorithm, furtherAttributes } = input;
  const content = { content: draft.digest, certificate, algorithm, ...(furtherAttributes && { furtherAttributes }) };
  return {
    pdf: draft.bytes,
    toBeSigned: signedAttributes(content),
    async finish(signature, timestamp) {
      const sign = async () => signature;
      return draft.finish(
        await buildSignedData({
          ...content,
          detached: true,
          furtherCertificates,
          sign,
          ...(timestamp && { timestamp }),
        }),
      );
    },
  };
}

/** A place on a page for a signature that is to come. */
export type PdfSignatureField = Pick<PdfAppearance, "page" | "rectangle"> & { fieldName: string };

/**
 * Adds empty signature fields in one more revision, so that whoever signs first signs where later seals will stand. Throws as
 * `signPdf`.
 */
export function addSignatureFields(pdf: Uint8Array, fields: readonly PdfSignatureField[]): Uint8Array {
  const revision = new PdfFile(pdf).newest;
  if (docMdpPermission(revision) !== undefined) throw new PkiError("PROFILE", "PDF: certified against new fields");
  const update = new IncrementalUpdate(revision);
  for (const { fieldName, page, rectangle } of fields) {
    requireNewName(revision, fieldName);
    addField(update, findPage(revision, page), [
      ["T", pdfText(fieldName)],
      ["Rect", rectangle],
    ]);
  }
  return update.write().bytes;
}

/** Puts a time stamp over the whole file in one more revision (PAdES B-LTA, EN 319 142-1 5.4.3). Throws as `signPdf`. */
export async function timestampPdf(pdf: Uint8Array, timestamp: TimestampSource): Promise<Uint8Array> {
  const draft = draftSignature(pdf, { type: "DocTimeStamp", subFilter: "ETSI.RFC3161", space: 20_480, texts: [] });
  return draft.finish(await timestamp(draft.digest("sha256")));
}

type Draft = {
  type: "Sig" | "DocTimeStamp";
  subFilter: string;
  /** Octets for what goes into Contents. */
  space: number;
  texts: readonly [string, PdfValue][];
  fieldName?: string | undefined;
  appearance?: PdfAppearance | undefined;
};

/** The file with an empty signature: what its digest is, and how it is filled. */
function draftSignature(
  pdf: Uint8Array,
  draft: Draft,
): { bytes: Buffer; digest(hash: HashName): Buffer; finish(signature: Uint8Array): Buffer } {
  const revision = new PdfFile(pdf).newest;
  if (docMdpPermission(revision) === 1) throw new PkiError("PROFILE", "PDF: certified against any change");
  const update = new IncrementalUpdate(revision);
  const placeholder = `[0${" 4294967295".repeat(3)}]`;
  const signature = update.add(
    new Map<string, PdfValue>([
      ["Type", new PdfName(draft.type)],
      ["Filter", new PdfName("Adobe.PPKLite")],
      ["SubFilter", new PdfName(draft.subFilter)],
      ["ByteRange", new PdfString(Buffer.from(placeholder))],
      ["Contents", new PdfString(Buffer.from(`<${"00".repeat(draft.space)}>`))],
      ...draft.texts,
    ]),
  );
  placeSignature(update, signature, draft);
  const { bytes, offsets } = update.write();
  const begin = offsets.get(signature.number)!;
  const open = bytes.indexOf("<", bytes.indexOf("/Contents", begin));
  const close = open + 2 * draft.space + 2;
  const range = `[0 ${open} ${close} ${bytes.length - close}`;
  bytes.write(`${range.padEnd(placeholder.length - 1)}]`, bytes.indexOf("[", begin), "latin1");
  return {
    bytes,
    digest: (hash) => createHash(hash).update(bytes.subarray(0, open)).update(bytes.subarray(close)).digest(),
    finish(filling) {
      if (filling.length > draft.space)
        throw new PkiError("TOO_COMPLEX", "PDF: the signature is longer than its space");
      bytes.write(Buffer.from(filling).toString("hex"), open + 1, "latin1");
      return bytes;
    },
  };
}

/** Into the empty field of its name, or into a new one. */
function placeSignature(
  update: IncrementalUpdate,
  signature: PdfReference,
  { type, fieldName, appearance }: Draft,
): void {
  const { revision } = update;
  const fields = formFields(revision);
  const empty = fields.find(({ name, dictionary }) => name === fieldName && !dictionary.has("V"));
  const filling: [string, PdfValue][] = [
    ["V", signature],
    ...(appearance ? [["AP", new Map([["N", update.add(appearanceStream(appearance))]])] as [string, PdfValue]] : []),
  ];
  if (empty && isName(empty.type, "Sig")) {
    update.replace(empty.reference, new Map([...empty.dictionary, ...filling]));
    return;
  }
  if (fieldName !== undefined) requireNewName(revision, fieldName);
  const names = new Set(fields.map(({ name }) => name));
  const prefix = type === "Sig" ? "Signature" : "Timestamp";
  let count = 1;
  while (names.has(`${prefix}${count}`)) count++;
  addField(update, findPage(revision, appearance?.page ?? 0), [
    ["T", pdfText(fieldName ?? `${prefix}${count}`)],
    ["Rect", appearance?.rectangle ?? [0, 0, 0, 0]],
    ...filling,
  ]);
}

function requireNewName(revision: PdfRevision, fieldName: string): void {
  if (formFields(revision).some(({ name }) => name === fieldName)) {
    throw new PkiError("PROFILE", "PDF: there is a field of this name");
  }
}

/** ISO 32000-2 12.7.5.5: a field that is its own widget, on a page and in the form. */
function addField(update: IncrementalUpdate, page: PdfReference, entries: readonly [string, PdfValue][]): void {
  const { revision } = update;
  const field = update.add(
    new Map<string, PdfValue>([
      ["Type", new PdfName("Annot")],
      ["Subtype", new PdfName("Widget")],
      ["FT", new PdfName("Sig")],
      ["F", 132],
      ["P", page],
      ...entries,
    ]),
  );
  append(update, page, "Annots", field);
  const root = revision.trailer.get("Root");
  if (!(root instanceof PdfReference)) throw new PkiError("MALFORMED", "PDF: no catalog");
  const catalog = update.resolve(root);
  if (!isDictionary(catalog)) throw new PkiError("MALFORMED", "PDF: no catalog");
  const form = catalog.get("AcroForm");
  const current = update.resolve(form);
  const owner = form instanceof PdfReference ? form : update.add(new Map());
  const kept = isDictionary(current) ? current : new Map<string, PdfValue>();
  update.replace(owner, new Map<string, PdfValue>([...kept, ["SigFlags", 3]]));
  append(update, owner, "Fields", field);
  if (owner !== form) update.replace(root, new Map([...catalog, ["AcroForm", owner]]));
}

/** Appends to an array that is a dictionary's value, wherever it stands. */
function append(update: IncrementalUpdate, owner: PdfReference, key: string, element: PdfReference): void {
  const dictionary = update.resolve(owner);
  if (!isDictionary(dictionary)) throw new PkiError("MALFORMED", `PDF: no dictionary for ${key}`);
  const before = dictionary.get(key);
  const array = update.resolve(before);
  const longer = [...(isArray(array) ? array : []), element];
  if (before instanceof PdfReference && isArray(array)) update.replace(before, longer);
  else update.replace(owner, new Map([...dictionary, [key, longer]]));
}

function appearanceStream({ rectangle: [left, bottom, right, top], content, resources }: PdfAppearance): PdfStream {
  const dictionary = new Map<string, PdfValue>([
    ["Type", new PdfName("XObject")],
    ["Subtype", new PdfName("Form")],
    ["BBox", [0, 0, right - left, top - bottom]],
    ["Resources", resources ? new PdfReader(Buffer.from(resources), 0).value() : new Map()],
  ]);
  return new PdfStream(dictionary, Buffer.from(content));
}

/** ISO 32000-2 7.9.4. */
function dateText(date: Date): string {
  return `D:${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}+00'00'`;
}
