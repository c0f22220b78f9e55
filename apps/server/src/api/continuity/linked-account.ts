import type { ClientCaller } from "../../http/caller.ts";
import { ApiProblem } from "../../http/problem.ts";
import { JpkiError } from "../../jpki/jpki-error.ts";

/** The account behind a `sub` of this relying party's. Throws `NOT_FOUND` for anybody who is not linked with it now. */
export async function linkedAccount({ people }: ClientCaller, sub: string): Promise<string> {
  const accountId = (await people.findLinked([sub])).get(sub);
  if (accountId === undefined) throw new ApiProblem("NOT_FOUND");
  return accountId;
}

/** Runs what asks J-LIS. Throws `JLIS_UNAVAILABLE`. */
export async function askingJlis<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof JpkiError) throw new ApiProblem("JLIS_UNAVAILABLE", { cause });
    throw cause;
  }
}
