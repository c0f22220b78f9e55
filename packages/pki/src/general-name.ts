import type { DerReader } from "./der/reader.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { type Name, readName } from "./name.ts";
import { PkiError } from "./pki-error.ts";
import { decodeString } from "./string.ts";

/** One GeneralName (RFC 5280 4.2.1.6). Forms without a use in PKIX keep their bytes only. */
export type GeneralName =
  | { readonly form: "otherName"; readonly type: string; readonly value: Buffer }
  | { readonly form: "rfc822Name" | "dNSName" | "uniformResourceIdentifier"; readonly value: string }
  | { readonly form: "directoryName"; readonly value: Name }
  | { readonly form: "iPAddress"; readonly value: Buffer }
  | { readonly form: "x400Address" | "ediPartyName" | "registeredID"; readonly value: Buffer };

/** A list of more names is refused. */
const maxNames = 4096;

/** Reads one GeneralName. The text forms are IA5 only; whether a dNSName or mailbox is well-formed is not checked here. */
export function readGeneralName(reader: DerReader): GeneralName {
  switch (reader.tag) {
    case contextConstructed(0): {
      const pair = reader.enter(contextConstructed(0));
      const type = pair.oid();
      const explicit = pair.enter(contextConstructed(0));
      const value = explicit.element();
      explicit.finish();
      pair.finish();
      return { form: "otherName", type, value };
    }
    case context(1):
      return { form: "rfc822Name", value: decodeString(tags.ia5String, reader.content(context(1))) };
    case context(2):
      return { form: "dNSName", value: decodeString(tags.ia5String, reader.content(context(2))) };
    case context(6):
      return { form: "uniformResourceIdentifier", value: decodeString(tags.ia5String, reader.content(context(6))) };
    case context(7):
      return { form: "iPAddress", value: reader.content(context(7)) };
    case contextConstructed(4): {
      const explicit = reader.enter(contextConstructed(4));
      const value = readName(explicit);
      explicit.finish();
      return { form: "directoryName", value };
    }
    case contextConstructed(3):
      return { form: "x400Address", value: reader.element() };
    case contextConstructed(5):
      return { form: "ediPartyName", value: reader.element() };
    case context(8):
      return { form: "registeredID", value: reader.element() };
    default:
      throw new PkiError("MALFORMED", "GeneralName");
  }
}

/** GeneralNames: at least one. */
export function readGeneralNames(reader: DerReader, tag: number = tags.sequence): GeneralName[] {
  const sequence = reader.enter(tag);
  const names: GeneralName[] = [];
  while (!sequence.done) {
    if (names.length === maxNames) throw new PkiError("TOO_COMPLEX", `more than ${maxNames} names`);
    names.push(readGeneralName(sequence));
  }
  if (names.length === 0) throw new PkiError("MALFORMED", "empty GeneralNames");
  return names;
}

/** Whether two GeneralNames of comparable forms are the same name. */
export function sameGeneralName(a: GeneralName, b: GeneralName): boolean {
  if (a.form === "directoryName" && b.form === "directoryName") return a.value.equals(b.value);
  if (a.form === "otherName" || b.form === "otherName") return false;
  if (a.form !== b.form) return false;
  return typeof a.value === "string"
    ? a.value === b.value
    : a.value instanceof Buffer && a.value.equals(b.value as Buffer);
}
