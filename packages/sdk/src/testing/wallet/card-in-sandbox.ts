import { type CardAuthority, type CardConnection, parseCardAuthorities } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { TestingError } from "../testing-error.ts";

/** A resident's card on the sandbox's reader, for as long as `work` lasts. Throws `CardError`. */
export async function withCard<T>(
  sandbox: string,
  person: string,
  work: (card: CardConnection) => Promise<T>,
): Promise<T> {
  const card = await new HttpCardReader(sandbox).connect(person);
  try {
    return await work(card);
  } finally {
    await card.close();
  }
}

/** Whose signatures count on the sandbox's cards. */
export async function cardAuthorities(sandbox: string): Promise<CardAuthority[]> {
  const response = await fetch(`${sandbox}/reader/authorities`).catch((cause: unknown) => {
    throw new TestingError("UNREACHABLE", `no sandbox at ${sandbox}`, { cause });
  });
  return parseCardAuthorities(await response.json());
}
