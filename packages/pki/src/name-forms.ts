/** A dNSName in preferred name syntax (RFC 1034 3.5), with an optional leftmost `*` label where that is allowed. */
export function isDnsName(text: string, options: { wildcard: boolean }): boolean {
  const name = options.wildcard && text.startsWith("*.") ? text.slice(2) : text;
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split(".");
  const last = labels.at(-1)!;
  return labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label)) && !/^[0-9]+$/.test(last);
}

/** Local part and lower-case host of a mailbox (RFC 5280 4.2.1.6: `Local-part "@" Domain`, no quotes), or undefined. */
export function splitMailbox(text: string): { local: string; host: string } | undefined {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const host = text.slice(at + 1);
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) return undefined;
  return isDnsName(host, { wildcard: false }) ? { local, host: host.toLowerCase() } : undefined;
}

/** Lower-case host of a URI with an authority that is a DNS name (RFC 5280 4.2.1.10), or undefined. */
export function uriHost(text: string): string | undefined {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:@[\]]+)(?::[0-9]*)?(?:[/?#]|$)/.exec(text);
  const host = authority?.[1];
  return host !== undefined && isDnsName(host, { wildcard: false }) ? host.toLowerCase() : undefined;
}
