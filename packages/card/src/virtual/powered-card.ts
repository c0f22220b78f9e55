import { fromHex, toHex } from "../hex.ts";
import { createCard } from "./create-card.ts";
import { testContents } from "./test-card.ts";
import { VirtualCard, type VirtualCardOptions } from "./virtual-card.ts";

/** For tests: a powered card that keeps what it persists, spoken to in hexadecimal. */
export function poweredCard(
  state = createCard(testContents()),
  options: Omit<VirtualCardOptions, "persist"> = {},
): { card: VirtualCard; send(hex: string): string; stored: { state: typeof state } } {
  const stored = { state };
  const persist = (next: typeof state) => {
    stored.state = next;
  };
  const card = new VirtualCard(state, { ...options, persist });
  card.powerOn();
  return { card, send: (hex) => toHex(card.transmit(fromHex(hex)!)), stored };
}

export const selects = {
  issuerDomain: "00a4040c07a0000001510000",
  jpki: "00a4040c0ad392f000260100000001",
  text: "00a4040c0ad3921000310001010408",
  visual: "00a4040c0ad3921000310001010402",
  common: "00a4040c0ad3921000310001010100",
  residentRegister: "00a4040c0ad3921000310001010401",
};

/** VERIFY of a PIN by its file's short identifier. */
export function verifyCommand(file: number, value: string): string {
  const byte = (number: number) => number.toString(16).padStart(2, "0");
  return `002000${byte(0x80 | file)}${byte(value.length)}${toHex(Buffer.from(value, "latin1"))}`;
}
