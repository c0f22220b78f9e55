import type { PdfRevision } from "./pdf-file.ts";
import { isArray } from "./pdf-value.ts";

/**
 * What a certification signature permits after it (ISO 32000-2 12.8.2.2): 1 nothing, 2 filling in forms and signing, 3 also
 * annotations; undefined where there is none.
 */
export function docMdpPermission(revision: PdfRevision): 1 | 2 | 3 | undefined {
  const permissions = revision.dictionary(revision.catalog.get("Perms"));
  const signature = revision.dictionary(permissions?.get("DocMDP"));
  if (signature === undefined) return undefined;
  const references = revision.resolve(signature.get("Reference"));
  for (const reference of isArray(references) ? references : []) {
    const parameters = revision.dictionary(revision.dictionary(reference)?.get("TransformParams"));
    const permission = revision.resolve(parameters?.get("P"));
    if (permission === 1 || permission === 3) return permission;
  }
  return 2;
}
