import { formatRequestLink, ProtocolError, parseRequestLink, type RequestLink } from "@xid/protocol";
import type { WindowMemory } from "../platform/ports.ts";

/** Milliseconds; no platform lets a request live so long. */
const maxAge = 15 * 60_000;

/** Requests that were not answered yet: `asked` says whether the person has seen what the first one asks for. */
export type WaitingRequests = { links: RequestLink[]; asked: boolean };

type Kept = { urls: string[]; asked: boolean; at: number };

/** Keeps them over a reload of the window. `now` in milliseconds. */
export async function keepWaitingRequests(
  memory: WindowMemory,
  appUrl: string,
  { links, asked }: WaitingRequests,
  now: number,
): Promise<void> {
  const urls = links.map((link) => formatRequestLink(appUrl, link));
  await memory.write(urls.length > 0 ? JSON.stringify({ urls, asked, at: now } satisfies Kept) : null);
}

/** What was kept, unless it is too old or nothing of ours. */
export async function readWaitingRequests(memory: WindowMemory, appUrl: string, now: number): Promise<WaitingRequests> {
  const none = { links: [], asked: false };
  const text = await memory.read();
  if (text === null) return none;
  try {
    const { urls, asked, at } = JSON.parse(text) as Kept;
    if (!(Math.abs(now - at) < maxAge)) return none;
    return { links: urls.slice(0, 2).map((url) => parseRequestLink(appUrl, url)), asked: asked === true };
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SyntaxError || error instanceof TypeError) return none;
    throw error;
  }
}
