import { contentDigest } from "@xid/protocol";

/** Which values a relying party wants, as OpenID Connect Core 5.5.1 has it. JSON values. */
export type ValueRequest = { readonly value?: unknown; readonly values?: readonly unknown[] | undefined };

/** Undefined where any value is. */
export function wantedValues(request: ValueRequest | null): readonly unknown[] | undefined {
  if (request?.value !== undefined) return [request.value];
  return request?.values;
}

/** Whether a value is one of those; undefined, which is no JSON, is none. */
export function isWanted(request: ValueRequest | null, value: unknown): boolean {
  const wanted = wantedValues(request);
  if (!wanted) return true;
  const digest = contentDigest({ value });
  return wanted.some((one) => contentDigest({ value: one }) === digest);
}
