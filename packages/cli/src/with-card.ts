import type { CardTransport } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";

/** Lays a resident's card on the sandbox's reader for as long as `work` lasts. Throws what `work` and the reader throw. */
export async function withCard<T>(
  sandbox: string,
  personId: string,
  work: (card: CardTransport) => Promise<T>,
): Promise<T> {
  const session = await new HttpCardReader(sandbox).connect(personId);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
