import { CardError } from "./card-error.ts";
import { fromHex, toHex } from "./hex.ts";
import type { CardConnection } from "./transport.ts";

type Fetch = typeof globalThis.fetch;
type Answer = { status: number; body: unknown };

/** A hang of the reader is as good as none. */
const timeout = 15_000;
/** The largest response APDU in hexadecimal, and some JSON around it. */
const largestBody = 140_000;

/** The sandbox's card reader: residents' cards over HTTP. The card's keys stay with the sandbox. */
export class HttpCardReader {
  readonly #url: string;
  readonly #fetch: Fetch;

  /** @param sandboxUrl such as `http://localhost:4006` */
  constructor(sandboxUrl: string, { fetch = globalThis.fetch }: { fetch?: Fetch } = {}) {
    this.#url = sandboxUrl.replace(/\/+$/, "");
    this.#fetch = fetch.bind(globalThis);
  }

  /**
   * Lays a resident's card on the reader, taking it from a session that had it. `READER_UNAVAILABLE` when the sandbox
   * does not answer or knows no such resident.
   */
  async connect(personId: string): Promise<HttpCardSession> {
    const path = `/reader/${encodeURIComponent(personId)}/session`;
    const { status, body } = await request(this.#fetch, this.#url + path, "POST");
    if (status !== 201) throw new CardError("READER_UNAVAILABLE", `the reader answered HTTP ${status}`);
    const session = textField(body, "session");
    const atr = fromHex(textField(body, "atr"));
    if (session === "" || !atr) throw malformed();
    return new HttpCardSession(`${this.#url}/reader/sessions/${encodeURIComponent(session)}`, atr, this.#fetch);
  }
}

/** One card on the HTTP reader, until `close`, until it is taken away, or until somebody else connects to it. */
export class HttpCardSession implements CardConnection {
  /** Answer to reset of the card's contact interface. */
  readonly atr: Uint8Array;
  readonly #url: string;
  readonly #fetch: Fetch;
  #open = true;

  /** Made by `HttpCardReader.connect`. */
  constructor(url: string, atr: Uint8Array, fetch: Fetch) {
    this.#url = url;
    this.atr = atr;
    this.#fetch = fetch;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    if (!this.#open) throw new CardError("CARD_LOST", "the connection was closed");
    const { status, body } = await request(this.#fetch, `${this.#url}/apdu`, "POST", { apdu: toHex(command) });
    if (status === 410) throw new CardError("CARD_LOST", "the card left the reader");
    if (status !== 200) throw new CardError("READER_UNAVAILABLE", `the reader answered HTTP ${status}`);
    const response = fromHex(textField(body, "response"));
    if (!response) throw malformed();
    return response;
  }

  /** Takes the card away. Never rejects: a session that is gone already is as wanted. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await request(this.#fetch, this.#url, "DELETE").catch(() => undefined);
  }
}

async function request(fetch: Fetch, url: string, method: "POST" | "DELETE", json?: object): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    const response = await fetch(url, {
      method,
      signal: abort.signal,
      ...(json && { headers: { "content-type": "application/json" }, body: JSON.stringify(json) }),
    });
    return { status: response.status, body: parseJson(await response.text()) };
  } catch (cause) {
    throw new CardError("READER_UNAVAILABLE", "the reader does not answer", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** `undefined` for what is no JSON: whether that matters depends on the status. */
function parseJson(text: string): unknown {
  if (text.length > largestBody) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textField(body: unknown, name: string): string {
  const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  if (typeof value !== "string") throw malformed();
  return value;
}

function malformed(): CardError {
  return new CardError("MALFORMED_RESPONSE", "the reader's answer is not in its form");
}
