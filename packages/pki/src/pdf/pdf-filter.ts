import { inflateSync } from "node:zlib";
import { PkiError } from "../pki-error.ts";
import { isArray, isDictionary, type PdfDictionary, PdfName, type PdfStream, type PdfValue } from "./pdf-value.ts";

const maxOctets = 64 * 1024 * 1024;

/**
 * The content of a stream that is structure (ISO 32000-2 7.4): plain, or FlateDecode with PNG predictors. Throws `UNSUPPORTED`
 * (another filter), `MALFORMED`, or `TOO_COMPLEX` beyond `limit` octets.
 */
export function decodePdfStream({ dictionary, raw }: PdfStream, limit = maxOctets): Buffer {
  const filter = only(dictionary.get("Filter"));
  if (filter === undefined || filter === null) return raw;
  if (!(filter instanceof PdfName) || filter.value !== "FlateDecode") {
    throw new PkiError("UNSUPPORTED", "PDF: a cross-reference or object stream under another filter than FlateDecode");
  }
  const inflated = inflate(raw, Math.min(limit, maxOctets));
  const parameters = only(dictionary.get("DecodeParms"));
  return isDictionary(parameters) ? unpredict(inflated, parameters) : inflated;
}

/** One filter may stand alone or in an array. */
function only(value: PdfValue | undefined): PdfValue | undefined {
  if (!isArray(value)) return value;
  if (value.length > 1) throw new PkiError("UNSUPPORTED", "PDF: a chain of filters around structure");
  return value[0];
}

function inflate(raw: Buffer, maxOutputLength: number): Buffer {
  try {
    return inflateSync(raw, { maxOutputLength });
  } catch (cause) {
    const tooLong = (cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE";
    throw new PkiError(tooLong ? "TOO_COMPLEX" : "MALFORMED", "PDF: a compressed stream", { cause });
  }
}

function unpredict(data: Buffer, parameters: PdfDictionary): Buffer {
  const number = (key: string, otherwise: number): number => {
    const value = parameters.get(key) ?? otherwise;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 4096) {
      throw new PkiError("MALFORMED", `PDF: ${key} of a filter`);
    }
    return value;
  };
  const predictor = number("Predictor", 1);
  if (predictor === 1) return data;
  if (predictor < 10) throw new PkiError("UNSUPPORTED", "PDF: a TIFF predictor");
  const pixel = Math.max(1, (number("Colors", 1) * number("BitsPerComponent", 8)) >> 3);
  const width = Math.ceil((number("Colors", 1) * number("BitsPerComponent", 8) * number("Columns", 1)) / 8);
  const rows = Math.floor(data.length / (width + 1));
  const result = Buffer.alloc(rows * width);
  for (let row = 0; row < rows; row++) {
    const kind = data[row * (width + 1)]!;
    if (kind > 4) throw new PkiError("MALFORMED", "PDF: a predictor of a row");
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const left = column < pixel ? 0 : result[at - pixel]!;
      const up = row === 0 ? 0 : result[at - width]!;
      const corner = row === 0 || column < pixel ? 0 : result[at - width - pixel]!;
      result[at] = data[row * (width + 1) + 1 + column]! + predicted(kind, left, up, corner);
    }
  }
  return result;
}

/** The five filters of PNG (ISO 15948 9.2). */
function predicted(kind: number, left: number, up: number, corner: number): number {
  if (kind === 0) return 0;
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
