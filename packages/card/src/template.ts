import { CardError } from "./card-error.ts";
import { parseTlv, type Tlv } from "./tlv.ts";

/** A constructed data object of the card and the data objects in it. */
export type Template = {
  /** Content of the field `tag`. `MALFORMED_RESPONSE` when it is missing, comes twice, or has another size than `size`. */
  field(tag: number, size?: number): Uint8Array;
  /** These objects, tags and lengths included, as they stand on the card, one behind the other: what signatures are over. */
  run(...tags: number[]): Uint8Array;
  /** The field as text; `MALFORMED_RESPONSE` also when it is not UTF-8 or does not match. */
  text(tag: number, pattern?: RegExp): string;
};

/** The template `tag` that `bytes` begin with; filler behind it is not looked at. All else is `MALFORMED_RESPONSE`. */
export function parseTemplate(bytes: Uint8Array, tag: number): Template {
  const object = parseTlv(bytes);
  if (object.tag !== tag) throw malformed("another data object than expected");
  const fields = objectsIn(object.value);
  const field = (wanted: number, size?: number) => {
    const [found, another] = fields.filter((candidate) => candidate.tag === wanted);
    if (!found || another) throw malformed("a field is missing or comes twice");
    if (size !== undefined && found.value.length !== size) throw malformed("a field of another size");
    return found.value;
  };
  return {
    field,
    run(...tags) {
      const first = fields.findIndex((candidate) => candidate.tag === tags[0]);
      const run = fields.slice(first, first + tags.length);
      for (const tag of tags) field(tag);
      if (first < 0 || run.map(({ tag }) => tag).join() !== tags.join()) throw malformed("fields in another order");
      return object.value.slice(run[0]!.start, run.at(-1)!.end);
    },
    text(wanted, pattern) {
      const text = decodeText(field(wanted));
      if (pattern && !pattern.test(text)) throw malformed("a field of another form");
      return text;
    },
  };
}

function objectsIn(bytes: Uint8Array): (Tlv & { start: number; end: number })[] {
  const objects = [];
  for (let start = 0; start < bytes.length; ) {
    const { tag, value, size } = parseTlv(bytes.subarray(start));
    objects.push({ tag, value, start, end: start + size });
    start += size;
  }
  return objects;
}

/** UTF-8 to the letter, byte order mark included; `MALFORMED_RESPONSE` for other bytes. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CardError("MALFORMED_RESPONSE", "text that is not UTF-8", { cause });
  }
}

function malformed(sentence: string): CardError {
  return new CardError("MALFORMED_RESPONSE", sentence);
}
