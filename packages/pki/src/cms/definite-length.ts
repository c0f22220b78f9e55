import { element } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";

const maxDepth = 16;

const malformed = (): PkiError => new PkiError("MALFORMED", "BER");

/**
 * The first element of some bytes with every length written out: signers stream the outer parts of a CMS signature with
 * indefinite lengths (X.690 8.1.3.6). Elements of definite length are kept as they are. Throws `MALFORMED` or `TOO_COMPLEX`.
 * Answers also where the element ended in the bytes.
 */
export function withDefiniteLength(bytes: Buffer): { der: Buffer; end: number } {
  return read(bytes, 0, 0);
}

function read(bytes: Buffer, start: number, depth: number): { der: Buffer; end: number } {
  if (depth > maxDepth) throw new PkiError("TOO_COMPLEX", "BER: nested too deep");
  const [tag, first] = [bytes[start], bytes[start + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed();
  if (first !== 0x80) {
    const octets = first < 0x80 ? 0 : first & 0x7f;
    if (octets > 4 || start + 2 + octets > bytes.length) throw malformed();
    const end = start + 2 + octets + (octets === 0 ? first : bytes.readUIntBE(start + 2, octets));
    if (end > bytes.length) throw malformed();
    return { der: bytes.subarray(start, end), end };
  }
  // Only constructed elements end where their content says so. A constructed OCTET STRING is one in pieces.
  if ((tag & 0x20) === 0) throw malformed();
  const parts: Buffer[] = [];
  let position = start + 2;
  while (bytes[position] !== 0 || bytes[position + 1] !== 0) {
    const part = read(bytes, position, depth + 1);
    parts.push(part.der);
    position = part.end;
  }
  return { der: element(tag, ...parts), end: position + 2 };
}
