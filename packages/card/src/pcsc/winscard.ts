import type { LibraryHandle, out, TypeObject } from "koffi";
import { CardError } from "../card-error.ts";

/** What the PC/SC service says of one reader (SCARD_READERSTATE). `state` is a sum of `readerState` bits. */
export type ReaderState = { name: string; state: number; atr: Uint8Array };

export const readerState = { changed: 0x0002, present: 0x0020, mute: 0x0200 } as const;

/** Result codes (pcsclite.h, winscard.h) that this package tells apart. */
export const pcscResult = {
  ok: 0,
  cancelled: 0x80100002,
  unknownReader: 0x80100009,
  timeout: 0x8010000a,
  sharingViolation: 0x8010000b,
  noCard: 0x8010000c,
  readerUnavailable: 0x80100017,
  noService: 0x8010001d,
  serviceStopped: 0x8010001e,
  noReaders: 0x8010002e,
  unresponsiveCard: 0x80100066,
  removedCard: 0x80100069,
} as const;

/** An opaque SCARDCONTEXT or SCARDHANDLE. */
export type Handle = number | bigint;
type Marker = ReturnType<typeof out>;
type Called<Value> = { result: number; value: Value };

/**
 * The PC/SC functions of this system, each in a thread of its own so that a slow reader stops nothing. One call at a
 * time for each handle, except `cancel`. Results are not judged here.
 */
export type Winscard = {
  establishContext(): Promise<Called<Handle>>;
  releaseContext(context: Handle): Promise<number>;
  listReaders(context: Handle): Promise<Called<string[]>>;
  /** Waits up to `milliseconds` until a reader differs from the state it is given with; fills in the states. */
  getStatusChange(
    context: Handle,
    milliseconds: number,
    readers: { name: string; state: number }[],
  ): Promise<Called<ReaderState[]>>;
  /** Ends a `getStatusChange` that is waiting. */
  cancel(context: Handle): void;
  connect(context: Handle, reader: string): Promise<Called<{ card: Handle; protocol: number }>>;
  /** Resets the card. */
  reconnect(card: Handle): Promise<number>;
  transmit(card: Handle, protocol: number, command: Uint8Array, answer: Uint8Array): Promise<Called<number>>;
  /** Resets the card, so that it forgets what was verified. */
  disconnect(card: Handle): Promise<number>;
};

const scopeSystem = 2;
/** No other program may speak to the card meanwhile: it would act under the PIN that was verified here. */
const shareExclusive = 1;
const protocolT0OrT1 = 3;
const resetCard = 1;

let loaded: Promise<Winscard> | undefined;

/** Loads the system's PC/SC library once. `READER_UNAVAILABLE` when it, or the optional package koffi, is not installed. */
export function loadWinscard(): Promise<Winscard> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Winscard> {
  const koffi = await import("koffi").catch((cause: unknown) => {
    throw new CardError("READER_UNAVAILABLE", "card readers need the npm package koffi", { cause });
  });
  const { platform } = process;
  let library: LibraryHandle;
  try {
    library = koffi.load(libraries[platform] ?? "libpcsclite.so.1");
  } catch (cause) {
    throw new CardError("READER_UNAVAILABLE", "the PC/SC library is not installed (Debian: apt-get install pcscd)", {
      cause,
    });
  }
  const windows = platform === "win32";
  const ansi = windows ? "A" : "";
  // pcsc-lite makes DWORD and LONG as wide as the machine; Windows and macOS keep them at 32 bits.
  const narrow = windows || platform === "darwin";
  const dword = narrow ? "uint32_t" : "unsigned long";
  const long = narrow ? "int32_t" : "long";
  const handle = windows ? "uintptr_t" : long;
  const atrSize = windows ? 36 : 33;
  const fields = {
    szReader: "str",
    pvUserData: "void *",
    dwCurrentState: dword,
    dwEventState: dword,
    cbAtr: dword,
    rgbAtr: koffi.array("uint8_t", atrSize),
  };
  const stateStruct = platform === "darwin" ? koffi.pack(fields) : koffi.struct(fields);
  const requestStruct = koffi.struct({ dwProtocol: dword, cbPciLength: dword });
  const pointer = (type: string | TypeObject) => koffi.pointer(type as string);
  const out = (type: string) => koffi.out(pointer(type));
  const inout = (type: string | TypeObject) => koffi.inout(pointer(type));
  const define = (name: string, parameters: (string | TypeObject | Marker)[]) => {
    const call = library.func("__stdcall", name, long, parameters);
    return (...values: unknown[]) =>
      new Promise<number>((resolve, reject) => {
        call.async(...values, (error: unknown, result: number | bigint) =>
          error ? reject(error) : resolve(Number(BigInt.asUintN(32, BigInt(result)))),
        );
      });
  };
  const establishContext = define("SCardEstablishContext", [dword, "void *", "void *", out(handle)]);
  const releaseContext = define("SCardReleaseContext", [handle]);
  const listReaders = define(`SCardListReaders${ansi}`, [handle, "void *", "void *", inout(dword)]);
  const getStatusChange = define(`SCardGetStatusChange${ansi}`, [handle, dword, inout(stateStruct), dword]);
  const cancel = define("SCardCancel", [handle]);
  const connect = define(`SCardConnect${ansi}`, [handle, "str", dword, dword, out(handle), out(dword)]);
  const reconnect = define("SCardReconnect", [handle, dword, dword, dword, out(dword)]);
  const transmit = define("SCardTransmit", [
    handle,
    pointer(requestStruct),
    "void *",
    dword,
    "void *",
    "void *",
    inout(dword),
  ]);
  const disconnect = define("SCardDisconnect", [handle, dword]);
  const requestSize = koffi.sizeof(requestStruct);

  return {
    async establishContext() {
      const context: Handle[] = [0];
      return { result: await establishContext(scopeSystem, null, null, context), value: context[0]! };
    },
    releaseContext,
    async listReaders(context) {
      const size: Handle[] = [0];
      const result = await listReaders(context, null, null, size);
      if (result !== pcscResult.ok) return { result, value: [] };
      const names = Buffer.alloc(Number(size[0]));
      const filled: Handle[] = [names.length];
      const second = await listReaders(context, null, names, filled);
      const text = names.toString("utf8", 0, Number(filled[0]));
      return { result: second, value: text.split("\0").filter((name) => name !== "") };
    },
    async getStatusChange(context, milliseconds, readers) {
      const states = readers.map(({ name, state }) => ({
        szReader: name,
        pvUserData: null,
        dwCurrentState: state,
        dwEventState: 0,
        cbAtr: 0,
        rgbAtr: new Uint8Array(atrSize),
      }));
      const result = await getStatusChange(context, milliseconds, states, states.length);
      const value = states.map(({ dwEventState, cbAtr, rgbAtr }, index) => ({
        name: readers[index]!.name,
        state: Number(dwEventState),
        atr: Uint8Array.from(rgbAtr.slice(0, Number(cbAtr))),
      }));
      return { result, value };
    },
    cancel: (context) => void cancel(context),
    async connect(context, reader) {
      const card: Handle[] = [0];
      const protocol: Handle[] = [0];
      const result = await connect(context, reader, shareExclusive, protocolT0OrT1, card, protocol);
      return { result, value: { card: card[0]!, protocol: Number(protocol[0]) } };
    },
    reconnect: (card) => reconnect(card, shareExclusive, protocolT0OrT1, resetCard, [0]),
    async transmit(card, protocol, command, answer) {
      const size: Handle[] = [answer.length];
      const request = { dwProtocol: protocol, cbPciLength: requestSize };
      const result = await transmit(card, request, command, command.length, null, answer, size);
      return { result, value: Number(size[0]) };
    },
    disconnect: (card) => disconnect(card, resetCard),
  };
}

const libraries: Partial<Record<NodeJS.Platform, string>> = {
  win32: "winscard.dll",
  darwin: "/System/Library/Frameworks/PCSC.framework/PCSC",
};
