import { TestingError } from "../testing-error.ts";

type Cookie = { name: string; value: string; path: string };

/** Where a chain of redirects ended: outside (`callback`), or at an answer of the platform. */
export type Arrival = { kind: "callback"; url: string } | { kind: "page"; url: string; response: Response };

const redirectLimit = 10;

/**
 * As much of a browser as a sign-in needs: cookies of one origin, and redirects. It follows redirects inside the origin
 * and stops at the first that leaves it, which it does not fetch. Asks for JSON everywhere.
 */
export class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, Cookie>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get(url: string): Promise<Arrival> {
    return this.#follow(url, { method: "GET" });
  }

  post(url: string, body: object): Promise<Arrival> {
    return this.#follow(url, {
      method: "POST",
      headers: { "content-type": "application/json", origin: this.#origin },
      body: JSON.stringify(body),
    });
  }

  async #follow(first: string, request: RequestInit): Promise<Arrival> {
    let url = new URL(first);
    let init = request;
    for (let hop = 0; hop < redirectLimit; hop++) {
      if (url.origin !== this.#origin) return { kind: "callback", url: url.href };
      const response = await this.#fetch(url, init);
      this.#keepCookies(response, url);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) {
        return { kind: "page", url: url.href, response };
      }
      await response.body?.cancel();
      // A URL parser would repair or drop what the client put into its redirect URI: leave the origin with the text as sent.
      const next = URL.parse(location, url);
      if (!next) return { kind: "callback", url: location };
      if (next.origin !== this.#origin) return { kind: "callback", url: location };
      url = next;
      init = { method: "GET" };
    }
    throw new TestingError("UNEXPECTED_ANSWER", `more than ${redirectLimit} redirects from ${first}`);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("accept", "application/json");
    const cookies = [...this.#cookies.values()].filter(({ path }) => pathMatches(url.pathname, path));
    if (cookies.length > 0) headers.set("cookie", cookies.map(({ name, value }) => `${name}=${value}`).join("; "));
    try {
      return await fetch(url, { ...init, headers, redirect: "manual" });
    } catch (cause) {
      throw new TestingError("UNREACHABLE", `${url.origin} does not answer`, { cause });
    }
  }

  /** RFC 6265 §5.3 for one host: name, value, path and removal; lifetimes outlast a sign-in. */
  #keepCookies(response: Response, url: URL): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
      const equals = pair.indexOf("=");
      if (equals < 1) continue;
      const attribute = (wanted: string) =>
        attributes.map((text) => text.split("=")).find(([name]) => name?.toLowerCase() === wanted)?.[1];
      const path = attribute("path") ?? (url.pathname.replace(/\/[^/]*$/, "") || "/");
      const cookie = { name: pair.slice(0, equals), value: pair.slice(equals + 1), path };
      const key = `${cookie.name};${path}`;
      const expires = attribute("expires");
      const removed = attribute("max-age") === "0" || (expires !== undefined && Date.parse(expires) <= Date.now());
      if (removed) this.#cookies.delete(key);
      else this.#cookies.set(key, cookie);
    }
  }
}

/** RFC 6265 §5.1.4. */
function pathMatches(requestPath: string, cookiePath: string): boolean {
  return (
    requestPath === cookiePath ||
    (requestPath.startsWith(cookiePath) && (cookiePath.endsWith("/") || requestPath[cookiePath.length] === "/"))
  );
}
