import type { DerReader } from "./der/reader.ts";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { type GeneralName, readGeneralNames } from "./general-name.ts";
import { type NameAttribute, readRelativeName } from "./name.ts";
import { PkiError } from "./pki-error.ts";

/** DistributionPointName: full names, or one step below the name of the CRL's issuer. */
export type DistributionPointName =
  | { readonly full: readonly GeneralName[] }
  | { readonly relative: readonly NameAttribute[] };

/** One entry of cRLDistributionPoints (RFC 5280 4.2.1.13). */
export type DistributionPoint = {
  readonly name: DistributionPointName | undefined;
  /** Named bits of ReasonFlags; absent means all reasons. */
  readonly reasons: number | undefined;
  readonly crlIssuer: readonly GeneralName[] | undefined;
};

const maxPoints = 256;

export function readDistributionPoints(reader: DerReader): DistributionPoint[] {
  const sequence = reader.enter(tags.sequence);
  const points: DistributionPoint[] = [];
  do {
    if (points.length === maxPoints) throw new PkiError("TOO_COMPLEX", `more than ${maxPoints} distribution points`);
    const point = sequence.enter(tags.sequence);
    const name = point.tag === contextConstructed(0) ? readDistributionPointName(point) : undefined;
    const reasons = point.tag === context(1) ? point.namedBits(context(1)) : undefined;
    const crlIssuer = point.tag === contextConstructed(2) ? readGeneralNames(point, contextConstructed(2)) : undefined;
    point.finish();
    if (name === undefined && crlIssuer === undefined) throw new PkiError("MALFORMED", "empty distribution point");
    points.push({ name, reasons, crlIssuer });
  } while (!sequence.done);
  return points;
}

/** `[0] DistributionPointName`, in a distribution point and in issuingDistributionPoint alike. */
export function readDistributionPointName(reader: DerReader): DistributionPointName {
  const choice = reader.enter(contextConstructed(0));
  const name =
    choice.tag === contextConstructed(0)
      ? { full: readGeneralNames(choice, contextConstructed(0)) }
      : { relative: readRelativeName(choice, contextConstructed(1)) };
  choice.finish();
  return name;
}
