/** As much of a browser as a sign-in needs: cookies by host and path (RFC 6265), redirects one by one. */
export class CookieJar {
  readonly #cookies = new Map<string, { name: string; value: string; host: string; path: string }>();

  async get(url: string, signal: AbortSignal): Promise<Response> {
    const { hostname, pathname } = new URL(url);
    const sent = [...this.#cookies.values()].filter(
      ({ host, path }) => host === hostname && (pathname === path || pathname.startsWith(path.replace(/\/?$/, "/"))),
    );
    const cookie = sent.map(({ name, value }) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", ...(cookie ? { cookie } : {}) };
    const response = await fetch(url, { redirect: "manual", headers, signal });
    for (const line of response.headers.getSetCookie()) this.#keep(line, hostname, pathname);
    return response;
  }

  /** A second browser with the same past. */
  copy(): CookieJar {
    const jar = new CookieJar();
    for (const [key, cookie] of this.#cookies) jar.#cookies.set(key, cookie);
    return jar;
  }

  #keep(line: string, host: string, requestPath: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const at = pair.indexOf("=");
    if (at < 1) return;
    const attribute = (wanted: string) =>
      attributes.map((text) => text.split("=")).find(([name]) => name?.toLowerCase() === wanted)?.[1];
    const path = attribute("path") ?? (requestPath.replace(/\/[^/]*$/, "") || "/");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const key = `${host};${path};${name}`;
    const expires = attribute("expires");
    const removed = Number(attribute("max-age") ?? 1) <= 0 || (expires && Date.parse(expires) <= Date.now());
    if (removed) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, host, path });
  }
}
