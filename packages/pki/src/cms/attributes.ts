import type { DerReader } from "../der/reader.ts";
import { tags } from "../der/tags.ts";
import { objectIdentifier, sequence, setOf } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";

/** Attributes of one signer, and values of one attribute, beyond which they are refused. */
const limits = { attributes: 64, values: 16 };

/** DER of each attribute's values, by its type. */
export type Attributes = ReadonlyMap<string, readonly Buffer[]>;

export function attribute(type: string, value: Uint8Array): Buffer {
  return sequence(objectIdentifier(type), setOf(value));
}

/**
 * Reads the attributes inside a SET OF Attribute whose tag was entered. In DER order (X.690 11.6), no type twice
 * (RFC 5652 5.3), each with a value. Throws `MALFORMED` or `TOO_COMPLEX`.
 */
export function readAttributes(set: DerReader): Attributes {
  const attributes = new Map<string, readonly Buffer[]>();
  let before: Buffer | undefined;
  while (!set.done) {
    const start = set.position;
    const one = set.enter(tags.sequence);
    const der = set.bytes.subarray(start, set.position);
    if (before !== undefined && Buffer.compare(before, der) > 0) {
      throw new PkiError("MALFORMED", "attributes are not in the order of DER");
    }
    before = der;
    const type = one.oid();
    const inner = one.enter(tags.set);
    one.finish();
    const values: Buffer[] = [];
    do {
      if (values.length === limits.values) throw new PkiError("TOO_COMPLEX", "an attribute of too many values");
      values.push(inner.element());
    } while (!inner.done);
    if (attributes.has(type)) throw new PkiError("MALFORMED", `attribute ${type} twice`);
    if (attributes.size === limits.attributes) throw new PkiError("TOO_COMPLEX", "too many attributes");
    attributes.set(type, values);
  }
  if (attributes.size === 0) throw new PkiError("MALFORMED", "attributes that are none");
  return attributes;
}

/** The value of an attribute that has exactly one; undefined when it is not there. */
export function singleValue(attributes: Attributes, type: string): Buffer | undefined {
  const values = attributes.get(type);
  if (values === undefined) return undefined;
  if (values.length !== 1) throw new PkiError("MALFORMED", `attribute ${type} has more than one value`);
  return values[0];
}
