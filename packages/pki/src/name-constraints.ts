import type { DerReader } from "./der/reader.ts";
import { contextConstructed, tags } from "./der/tags.ts";
import { type GeneralName, readGeneralName } from "./general-name.ts";
import { PkiError } from "./pki-error.ts";

/** The nameConstraints extension (RFC 5280 4.2.1.10). Empty lists mean that the part is absent. */
export type NameConstraints = {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
};

const maxSubtrees = 4096;

/** Reads the extension: each part non-empty, at least one part, minimum 0 and no maximum. Bases are checked when used. */
export function readNameConstraints(reader: DerReader): NameConstraints {
  const sequence = reader.enter(tags.sequence);
  const permitted = sequence.tag === contextConstructed(0) ? readSubtrees(sequence, contextConstructed(0)) : [];
  const excluded = sequence.tag === contextConstructed(1) ? readSubtrees(sequence, contextConstructed(1)) : [];
  sequence.finish();
  if (permitted.length + excluded.length === 0) throw new PkiError("MALFORMED", "empty name constraints");
  return { permitted, excluded };
}

function readSubtrees(reader: DerReader, tag: number): GeneralName[] {
  const sequence = reader.enter(tag);
  const bases: GeneralName[] = [];
  do {
    if (bases.length === maxSubtrees) throw new PkiError("TOO_COMPLEX", `more than ${maxSubtrees} subtrees`);
    const subtree = sequence.enter(tags.sequence);
    bases.push(readGeneralName(subtree));
    if (!subtree.done) throw new PkiError("UNSUPPORTED", "name constraints with minimum or maximum");
    subtree.finish();
  } while (!sequence.done);
  return bases;
}
