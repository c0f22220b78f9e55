/** A URL that may carry secrets: https, or http on this machine. Throws a TypeError that names the setting. */
export function checkUrl(setting: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)))) {
    throw new TypeError(`${setting} must be an https URL (http on this machine only)`);
  }
  return url;
}

export function isLoopback(url: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}
