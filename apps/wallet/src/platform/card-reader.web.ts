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
  const [people, personas] = await Promise.all([
    fetchList(`${sandboxUrl}/api/people`),
    fetchList(`${sandboxUrl}/api/personas`),
  ]);
  const names = new Map(personas.map((persona) => [persona.id, { ja: textOf(persona.ja), en: textOf(persona.en) }]));
  return people.slice(0, mostCards).map(({ id, name, persona }) => ({
    id: textOf(id),
    name: textOf(name),
    persona: names.get(persona) ?? { ja: textOf(persona), en: textOf(persona) },
  }));
}

async function fetchList(url: string): Promise<Record<string, unknown>[]> {
  let list: unknown;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    list = await response.json();
  } catch (cause) {
    throw new CardError("READER_UNAVAILABLE", "the sandbox does not list its residents", { cause });
  }
  if (!Array.isArray(list)) throw new CardError("MALFORMED_RESPONSE", "not a list");
  return list.map((item: unknown) => Object(item));
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new CardError("MALFORMED_RESPONSE", "not a resident of the sandbox");
  return value;
}
