import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { CardError } from "../card-error.ts";
import type { PoweredCard } from "../transport.ts";

export type VpcdOptions = {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 35963, vpcd's first slot. */
  port?: number;
  /** Takes the card out. */
  signal?: AbortSignal;
};

/** vpcd's control messages: payloads of one byte. */
const control = { powerOff: 0x00, powerOn: 0x01, reset: 0x02, atr: 0x04 } as const;

/**
 * Puts a card into the virtual reader of vsmartcard's vpcd, where pcscd shows it to every PC/SC program. Resolves when
 * the signal took it out or vpcd closed the connection; the card is powered off then. Rejects with
 * `READER_UNAVAILABLE` when vpcd cannot be reached, and with what the card threw when it failed to answer.
 * vpcd has no way to refuse: a slot that another card occupies lets this one connect and never speaks to it.
 */
export async function attachToVpcd(card: PoweredCard, options: VpcdOptions = {}): Promise<void> {
  const { host = "127.0.0.1", port = 35963, signal } = options;
  if (signal?.aborted) return;
  const socket = connect({ host, port, noDelay: true });
  const takeOut = () => socket.destroy();
  signal?.addEventListener("abort", takeOut, { once: true });
  try {
    await connected(socket, signal);
    for await (const message of messages(socket)) {
      const answer = await answerTo(card, message);
      if (answer) socket.write(frame(answer));
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", takeOut);
    socket.destroy();
    await card.powerOff();
  }
}

async function connected(socket: Socket, signal: AbortSignal | undefined): Promise<void> {
  try {
    await once(socket, "connect", signal ? { signal } : {});
  } catch (cause) {
    throw new CardError("READER_UNAVAILABLE", "no vpcd answers there", { cause });
  }
}

/** Each message is two bytes of length, most significant first, and as many bytes; a length of 0 ends it all. */
async function* messages(socket: Socket): AsyncGenerator<Buffer> {
  let received = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      while (received.length >= 2) {
        const end = 2 + received.readUInt16BE();
        if (end === 2) return;
        if (received.length < end) break;
        yield received.subarray(2, end);
        received = received.subarray(end);
      }
    }
  } catch {
    // Only the socket throws in here: a broken connection is one of the ways in which vpcd goes.
  }
}

async function answerTo(card: PoweredCard, message: Buffer): Promise<Uint8Array | undefined> {
  if (message.length > 1) return card.transmit(message);
  if (message[0] === control.atr) return card.atr;
  if (message[0] === control.powerOn) await card.powerOn();
  if (message[0] === control.powerOff) await card.powerOff();
  if (message[0] === control.reset) await card.reset();
  return undefined;
}

function frame(payload: Uint8Array): Buffer {
  if (payload.length > 0xffff) throw new CardError("MALFORMED_RESPONSE", "an answer longer than vpcd can carry");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(payload.length);
  return Buffer.concat([length, payload]);
}
