import { type CardAuthority, CardError, parseCardAuthorities } from "@xid/card";

/** The simulated issuer's keys. Rejects with `CardError`. */
export async function fetchCardAuthorities(sandboxUrl: string): Promise<CardAuthority[]> {
  try {
    const response = await fetch(`${sandboxUrl}/reader/authorities`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return parseCardAuthorities(await response.json());
  } catch (cause) {
    throw new CardError("READER_UNAVAILABLE", "the sandbox does not tell its card issuer's keys", { cause });
  }
}
