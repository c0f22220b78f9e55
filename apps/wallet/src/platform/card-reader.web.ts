import { CardError } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { WalletError } from "../wallet-error.ts";
import type { AppConfig, CardReader, SandboxCard } from "./ports.ts";

const mostCards = 200;

/** A browser reads no My Number Card: in the sandbox it lays residents' cards on the simulated reader instead. */
export function createCardReader({ sandboxUrl }: AppConfig): CardReader {
  if (!sandboxUrl) {
    return {
      cards: null,
      availability: async () => "absent",
      connect: async () => {
        throw new WalletError("UNAVAILABLE", "a browser reads no cards");
      },
    };
  }
  const reader = new HttpCardReader(sandboxUrl);
  return {
    cards: () => listCards(sandboxUrl),
    availability: async () => "ready",
    async connect({ card, signal }) {
      if (card === null) throw new CardError("READER_UNAVAILABLE", "no card was chosen");
      const session = await reader.connect(card);
      const leave = () => void session.close();
      if (signal.aborted) leave();
      signal.addEventListener("abort", leave, { once: true });
      return {
        transmit: (command) => session.transmit(command),
        say: async () => {},
        async close() {
          signal.removeEventListener("abort", leave);
          await session.close();
        },
      };
    },
  };
}

async function listCards(sandboxUrl: string): Promise<SandboxCard[]> {
  let people: unknown;
  try {
    const response = await fetch(`${sandboxUrl}/api/people`);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    people = await response.json();
  } catch (cause) {
    throw new CardError("READER_UNAVAILABLE", "the sandbox does not list its residents", { cause });
  }
  if (!Array.isArray(people)) throw new CardError("MALFORMED_RESPONSE", "not a list of residents");
  return people.slice(0, mostCards).map(toCard);
}

function toCard(person: unknown): SandboxCard {
  const { id, name, persona } = (person ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string" || typeof persona !== "string") {
    throw new CardError("MALFORMED_RESPONSE", "not a resident");
  }
  return { id, name, persona };
}
