import { createHash } from "node:crypto";
import { type Certificate, parseCertificate } from "../certificate.ts";
import { type CmsSigner, type VerifiedCms, verifyCms } from "../cms/verify-cms.ts";
import { verifyPath } from "../path.ts";
import { PkiError, type PkiErrorCode } from "../pki-error.ts";
import { type RevocationEvidence, type RevocationFact, verifyRevocationEvidence } from "../revocation-evidence.ts";
import type { HashName } from "../rsa-signature.ts";
import { type VerifiedTimestamp, verifyTimestamp } from "../timestamp/verify-timestamp.ts";
import { type SignedRange, verifyByteRange } from "./byte-range.ts";
import { docMdpPermission } from "./doc-mdp.ts";
import { type FormField, formFields } from "./form-fields.ts";
import { type LaterChange, type LaterChangeKind, laterChanges } from "./later-changes.ts";
import { PdfFile, type PdfRevision } from "./pdf-file.ts";
import { decodePdfStream } from "./pdf-filter.ts";
import { isArray, isName, PdfName, PdfStream } from "./pdf-value.ts";

const limits = { signatures: 64, pieces: 128, pieceOctets: 8 * 1024 * 1024 };

export type Indication = "TOTAL_PASSED" | "INDETERMINATE" | "TOTAL_FAILED";

/** Of ETSI EN 319 102-1 5.1.3. */
export type SubIndication =
  | "FORMAT_FAILURE"
  | "HASH_FAILURE"
  | "SIG_CRYPTO_FAILURE"
  | "REVOKED"
  | "REVOKED_NO_POE"
  | "NOT_YET_VALID"
  | "OUT_OF_BOUNDS_NO_POE"
  | "SIG_CONSTRAINTS_FAILURE"
  | "CHAIN_CONSTRAINTS_FAILURE"
  | "CERTIFICATE_CHAIN_GENERAL_FAILURE"
  | "CRYPTO_CONSTRAINTS_FAILURE"
  | "NO_SIGNING_CERTIFICATE_FOUND"
  | "NO_CERTIFICATE_CHAIN_FOUND"
  | "TRY_LATER";

export type PdfValidationInput = {
  /** CAs that are trusted to name signers. */
  anchors: readonly Certificate[];
  /** CAs that are trusted to name time-stamping authorities. */
  timestampAnchors: readonly Certificate[];
  time: Date;
  /** Beside what is in the file. */
  certificates?: readonly Certificate[];
  /** Fresh evidence beside what is in the file; `maxAge` goes for both and is a day without. */
  revocation?: RevocationEvidence;
  /** Later changes that do not spoil a signature: by default `validation_data`, `timestamp`, `signature` and `metadata`. */
  allowedChanges?: readonly LaterChangeKind[];
};

/** What became of one signature or document time stamp, and from what. */
export type PdfSignatureVerdict = {
  readonly fieldName: string;
  readonly kind: "signature" | "timestamp";
  readonly indication: Indication;
  readonly subIndication: SubIndication | undefined;
  /** Why it did not pass. */
  readonly reason: PkiError | undefined;
  /** Whether nothing at all was added later. */
  readonly coversWholeFile: boolean;
  /** Octets of the file that it covers. */
  readonly signedLength: number | undefined;
  readonly laterChanges: readonly LaterChange[];
  /** Whose signature it is; trusted only when it passed. */
  readonly certificate: Certificate | undefined;
  /** The signature existed at this time: of its time stamp, of a document time stamp, or the time of validation. */
  readonly existedAt: Date | undefined;
  /** Of a signature: its own time stamp. Of a document time stamp: itself. */
  readonly timestamp: VerifiedTimestamp | undefined;
  /** Why a signature's own time stamp did not count. */
  readonly timestampReason: PkiError | undefined;
  readonly revocation: readonly RevocationFact[];
};

/**
 * Validates every signature and document time stamp of a PDF (PAdES, ETSI EN 319 142-1; verdicts in the words of EN 319 102-1),
 * from the newest to the oldest, each at the time by which a later time stamp proves that it existed. Answers for each; throws `PkiError`
 * only when the file itself cannot be read (`MALFORMED`, `UNSUPPORTED`, `TOO_COMPLEX`). Nothing is fetched. Not checked: signature policies,
 * FieldMDP locks, what the appearance of a signature says, and how pages look.
 */
export function validatePdf(pdf: Uint8Array, input: PdfValidationInput): PdfSignatureVerdict[] {
  const file = new PdfFile(pdf);
  const fields = formFields(file.newest).filter(({ type, dictionary }) => isName(type, "Sig") && dictionary.has("V"));
  if (fields.length > limits.signatures) throw new PkiError("TOO_COMPLEX", "PDF: too many signatures");
  const stored = storedEvidence(file.newest, input);
  const ranges = fields.map((field) => ({ field, ...attempt(() => verifyByteRange(file, field)) }));
  ranges.sort((a, b) => (b.value?.end ?? 0) - (a.value?.end ?? 0));
  let provenAt = input.time;
  const verdicts = ranges.map(({ field, value: range, error }) => {
    const judgement = new Judgement(file, field, { ...input, ...stored }, provenAt);
    if (range === undefined) return judgement.failed(error);
    const verdict = judgement.judge(range);
    const stampedAt = verdict.kind === "timestamp" && verdict.indication === "TOTAL_PASSED" && verdict.timestamp?.time;
    if (stampedAt && stampedAt < provenAt) provenAt = stampedAt;
    return verdict;
  });
  return verdicts.reverse();
}

/**
 * Verifies that a PDF is signed and that every signature and time stamp in it passes `validatePdf`; answers what it found of
 * each, oldest first. Throws the reason of the first that did not pass, or `NO_SIGNATURE`.
 */
export function verifyPdf(pdf: Uint8Array, input: PdfValidationInput): readonly PdfSignatureVerdict[] {
  const verdicts = validatePdf(pdf, input);
  for (const { reason } of verdicts) if (reason !== undefined) throw reason;
  if (!verdicts.some(({ kind }) => kind === "signature")) throw new PkiError("NO_SIGNATURE", "PDF: nobody signed it");
  return verdicts;
}

type Evidence = { certificates: readonly Certificate[]; revocation: RevocationEvidence };

/** What the file's security store holds, beside what is given. */
function storedEvidence(revision: PdfRevision, { certificates = [], revocation }: PdfValidationInput): Evidence {
  const store = revision.dictionary(revision.catalog.get("DSS"));
  const pieces = (key: string): Buffer[] => {
    const array = revision.resolve(store?.get(key));
    const streams = isArray(array) ? array.slice(0, limits.pieces).map((reference) => revision.resolve(reference)) : [];
    return streams.flatMap((stream) => (stream instanceof PdfStream ? [content(stream)] : []));
  };
  const stored = pieces("Certs").flatMap((der) => attempt(() => parseCertificate(der)).value ?? []);
  return {
    certificates: [...certificates, ...stored],
    revocation: {
      ocspResponses: [...(revocation?.ocspResponses ?? []), ...pieces("OCSPs")],
      crls: [...(revocation?.crls ?? []), ...pieces("CRLs")],
      maxAge: revocation?.maxAge ?? 86_400,
    },
  };
}

function content(stream: PdfStream): Buffer {
  return attempt(() => decodePdfStream(stream, limits.pieceOctets)).value ?? Buffer.alloc(0);
}

const allowedByDefault: readonly LaterChangeKind[] = ["validation_data", "timestamp", "signature", "metadata"];

type Found = { -readonly [Key in keyof PdfSignatureVerdict]?: PdfSignatureVerdict[Key] };

/** The way to one verdict: what was found is kept when it ends early. */
class Judgement {
  readonly #file: PdfFile;
  readonly #field: FormField;
  readonly #input: PdfValidationInput & Evidence;
  /** It existed at this time at the latest. */
  readonly #provenAt: Date;
  readonly #found: Found = {};
  #inPath = false;

  constructor(file: PdfFile, field: FormField, input: PdfValidationInput & Evidence, provenAt: Date) {
    this.#file = file;
    this.#field = field;
    this.#input = input;
    this.#provenAt = provenAt;
  }

  judge(range: SignedRange): PdfSignatureVerdict {
    this.#found.signedLength = range.end;
    this.#found.coversWholeFile = range.section === 0 && range.end === this.#file.bytes.length;
    const { error } = attempt(() => {
      const subFilter = range.dictionary.get("SubFilter");
      const name = subFilter instanceof PdfName ? subFilter.value : "none";
      this.#found.kind = name === "ETSI.RFC3161" ? "timestamp" : "signature";
      this.#verifyLaterChanges(range);
      if (name === "ETSI.RFC3161") this.#verifyDocumentTimestamp(range);
      else if (name === "ETSI.CAdES.detached" || name === "adbe.pkcs7.detached") this.#verifySignature(range);
      else throw new PkiError("UNSUPPORTED", `PDF: a signature of the kind ${name}`);
    });
    return this.#verdict(error);
  }

  failed(error: PkiError | undefined): PdfSignatureVerdict {
    return this.#verdict(error);
  }

  #verifyLaterChanges(range: SignedRange): void {
    const changes = laterChanges(this.#file, range.section, range.end);
    this.#found.laterChanges = changes;
    const allowed = this.#input.allowedChanges ?? allowedByDefault;
    const permission = docMdpPermission(this.#file.revision(range.section));
    for (const { kind, what } of changes) {
      const certifiedAgainst =
        (permission === 1 && kind !== "validation_data" && kind !== "timestamp") ||
        (permission === 2 && kind === "annotation");
      if (kind === "other" || certifiedAgainst || !allowed.includes(kind)) {
        throw new PkiError("CHANGED_LATER", `PDF: changed after it was signed: ${what}`);
      }
    }
  }

  #verifyDocumentTimestamp({ parts, contents }: SignedRange): void {
    const stamp = this.#verifyTimestamp(contents, digestOf(parts));
    this.#found.timestamp = stamp;
    this.#found.certificate = stamp.path.certificate;
    this.#found.existedAt = stamp.time;
  }

  #verifyTimestamp(token: Uint8Array, content: (hash: HashName) => Buffer): VerifiedTimestamp {
    const { timestampAnchors: anchors, certificates, revocation } = this.#input;
    return verifyTimestamp(token, {
      content,
      anchors,
      certificates,
      revocation,
      time: this.#provenAt,
      now: this.#input.time,
    });
  }

  #verifySignature({ parts, contents }: SignedRange): void {
    const cms = verifyCms(contents, { content: digestOf(parts), certificates: this.#input.certificates });
    const [signer, ...others] = cms.signers as [CmsSigner, ...CmsSigner[]];
    // EN 319 142-1 6.3: one signer.
    if (others.length > 0) throw new PkiError("PROFILE", "PDF: a signature by more than one");
    this.#found.certificate = signer.certificate;
    this.#found.existedAt = this.#existedAt(signer);
    this.#inPath = true;
    this.#verifySigner(cms, signer, this.#found.existedAt);
  }

  /** By the first of its own time stamps that verifies, or as proven from outside. */
  #existedAt({ timestamps, signature, certificate }: CmsSigner): Date {
    for (const token of timestamps) {
      const { value, error } = attempt(() =>
        this.#verifyTimestamp(token, (hash) => createHash(hash).update(signature).digest()),
      );
      if (value === undefined) this.#found.timestampReason ??= error;
      else if (value.time <= this.#provenAt) {
        certificate.verifyValidAt(value.time);
        this.#found.timestamp = value;
        return value.time;
      }
    }
    return this.#provenAt;
  }

  #verifySigner(cms: VerifiedCms, { certificate }: CmsSigner, at: Date): void {
    const { anchors, certificates, revocation, time } = this.#input;
    const intermediates = [...cms.certificates, ...certificates];
    const path = verifyPath({ certificate, intermediates, anchors, time: at });
    const evidence = { ...revocation, crls: [...revocation.crls, ...cms.crls] };
    this.#found.revocation = verifyRevocationEvidence({ path, evidence, at, time });
  }

  #verdict(reason: PkiError | undefined): PdfSignatureVerdict {
    const found = this.#found;
    const hasProof = found.existedAt !== undefined && found.existedAt < this.#input.time;
    const [indication, subIndication] = reason ? indicationOf(reason.code, this.#inPath, hasProof) : passed;
    return {
      fieldName: this.#field.name,
      kind: found.kind ?? "signature",
      indication,
      subIndication,
      reason,
      coversWholeFile: found.coversWholeFile ?? false,
      signedLength: found.signedLength,
      laterChanges: found.laterChanges ?? [],
      certificate: found.certificate,
      existedAt: found.existedAt,
      timestamp: found.timestamp,
      timestampReason: found.timestampReason,
      revocation: found.revocation ?? [],
    };
  }
}

const passed = ["TOTAL_PASSED", undefined] as const;

const failures: Partial<Record<PkiErrorCode, readonly [Indication, SubIndication]>> = {
  BYTE_RANGE: ["TOTAL_FAILED", "FORMAT_FAILURE"],
  CHANGED_LATER: ["TOTAL_FAILED", "FORMAT_FAILURE"],
  DIGEST_MISMATCH: ["TOTAL_FAILED", "HASH_FAILURE"],
  SIGNATURE_INVALID: ["TOTAL_FAILED", "SIG_CRYPTO_FAILURE"],
  NOT_YET_VALID: ["TOTAL_FAILED", "NOT_YET_VALID"],
  EXPIRED: ["INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"],
  NO_SIGNER_CERTIFICATE: ["INDETERMINATE", "NO_SIGNING_CERTIFICATE_FOUND"],
  WEAK_ALGORITHM: ["INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE"],
  UNTRUSTED: ["INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"],
  NO_TRUST_ANCHORS: ["INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"],
  STATUS_UNKNOWN: ["INDETERMINATE", "TRY_LATER"],
  STALE: ["INDETERMINATE", "TRY_LATER"],
};

function indicationOf(code: PkiErrorCode, inPath: boolean, hasProof: boolean): readonly [Indication, SubIndication] {
  if (code === "REVOKED") return hasProof ? ["TOTAL_FAILED", "REVOKED"] : ["INDETERMINATE", "REVOKED_NO_POE"];
  // A certificate above the signer's whose signature does not fit.
  if (inPath && code === "SIGNATURE_INVALID") return ["INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"];
  const known = failures[code];
  if (known !== undefined) return known;
  if (!inPath)
    return code === "MALFORMED" ? ["TOTAL_FAILED", "FORMAT_FAILURE"] : ["INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"];
  return code === "TOO_COMPLEX" || code === "MALFORMED" || code === "UNSUPPORTED"
    ? ["INDETERMINATE", "CERTIFICATE_CHAIN_GENERAL_FAILURE"]
    : ["INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE"];
}

function digestOf(parts: readonly Buffer[]): (hash: HashName) => Buffer {
  return (name) => {
    const hash = createHash(name);
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
}

function attempt<T>(work: () => T): { value?: T; error?: PkiError } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof PkiError) return { error };
    throw error;
  }
}
