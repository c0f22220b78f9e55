import { EvidenceError } from "./evidence-error.ts";

/** Larger files are not evidence: the longest lists are files of their own. */
export const largestEvidenceFile = 8 * 1024 * 1024;

/**
 * The value in an evidence file's bytes, whose shape `verifyEvidence` looks at. JSON as `JSON.stringify` writes it, on one line or
 * indented by two: so no byte of a file can be changed unnoticed, not even one between the values. Throws `EvidenceError`
 * `MALFORMED`.
 */
export function parseEvidenceFile(bytes: Uint8Array): unknown {
  if (bytes.length > largestEvidenceFile) throw new EvidenceError("MALFORMED", "too large for evidence");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value = JSON.parse(text) as unknown;
    const written = [JSON.stringify(value), `${JSON.stringify(value, null, 2)}\n`];
    if (!written.includes(text)) throw new SyntaxError("not as JSON.stringify writes it");
    return value;
  } catch (cause) {
    throw new EvidenceError("MALFORMED", "not an evidence file", { cause });
  }
}
