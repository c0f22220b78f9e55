import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CardError } from "../card-error.ts";
import { fromHex, toHex } from "../hex.ts";
import type { PoweredCard } from "../transport.ts";
import { createCard } from "../virtual/create-card.ts";
import { testContents } from "../virtual/test-card.ts";
import { VirtualCard } from "../virtual/virtual-card.ts";
import { attachToVpcd } from "./attach.ts";

/** vpcd's end: listens for one card and speaks to it in frames. */
const server = createServer();
afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

async function vpcd(): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function inserted(): Promise<Socket> {
  const [socket] = (await once(server, "connection")) as [Socket];
  return socket;
}

function frame(hex: string): Buffer {
  const payload = fromHex(hex)!;
  return Buffer.from([payload.length >> 8, payload.length & 0xff, ...payload]);
}

async function answer(socket: Socket): Promise<string> {
  let received = Buffer.alloc(0);
  while (received.length < 2 || received.length < 2 + received.readUInt16BE()) {
    received = Buffer.concat([received, (await once(socket, "data"))[0] as Buffer]);
  }
  return toHex(received.subarray(2));
}

function virtualCard(): VirtualCard {
  return new VirtualCard(createCard(testContents()), { persist: () => undefined });
}

test("the card tells its ATR, answers commands however they are cut, and leaves when the signal says so", async () => {
  const port = await vpcd();
  const leave = new AbortController();
  const card = virtualCard();
  const attached = attachToVpcd(card, { port, signal: leave.signal });
  const socket = await inserted();
  socket.write(frame("04"));
  expect(await answer(socket)).toBe("3be000ff8131fe4514");
  // Power on, reset and a command in one piece; then a command in two.
  socket.write(Buffer.concat([frame("01"), frame("02"), frame("00a4040c0ad392f000260100000001")]));
  expect(await answer(socket)).toBe("9000");
  const command = frame("00200098");
  socket.write(command.subarray(0, 3));
  await new Promise((resolve) => socket.write(command.subarray(3), resolve));
  expect(await answer(socket)).toBe("63c3");
  const closed = once(socket, "close");
  leave.abort();
  await attached;
  await closed;
  expect(() => card.transmit(fromHex("00a4040c")!)).toThrow(CardError);
});

test.each([
  ["closes the connection", (socket: Socket) => socket.end()],
  ["breaks it", (socket: Socket) => socket.resetAndDestroy()],
  ["ejects the card", (socket: Socket) => socket.write(Uint8Array.of(0, 0))],
])("the card is out when vpcd %s", async (_, end) => {
  const port = await vpcd();
  const attached = attachToVpcd(virtualCard(), { port });
  const socket = await inserted();
  socket.write(frame("04"));
  await answer(socket);
  end(socket);
  await attached;
});

test("a card that fails to answer is taken out, and its error told", async () => {
  const port = await vpcd();
  const lost: PoweredCard = {
    atr: Uint8Array.of(0x3b, 0x00),
    powerOn: () => undefined,
    powerOff: () => undefined,
    reset: () => undefined,
    transmit: async () => {
      throw new CardError("CARD_LOST", "taken from the remote reader");
    },
  };
  const attached = attachToVpcd(lost, { port });
  const socket = await inserted();
  const closed = once(socket, "close");
  socket.resume().write(frame("00a4040c"));
  await expect(attached).rejects.toMatchObject({ code: "CARD_LOST" });
  await closed;
});

test("no vpcd is READER_UNAVAILABLE", async () => {
  const port = await vpcd();
  await new Promise((resolve) => server.close(resolve));
  await expect(attachToVpcd(virtualCard(), { port })).rejects.toMatchObject({ code: "READER_UNAVAILABLE" });
});

test("a signal that was given before leaves vpcd alone", async () => {
  await attachToVpcd(virtualCard(), { port: 1, signal: AbortSignal.abort() });
});
