import { ProtocolError } from "./error.ts";

/** What a link or QR code to the xID app holds. */
export type RequestLink = { requestId: string; via: "link" | "qr"; code?: string };

/**
 * `<app>/request#<requestId>` on the same device, `<app>/request#<requestId>.<code>` in a QR code.
 * All of it is in the fragment, so no server log ever holds it.
 */
export function formatRequestLink(appUrl: string, link: RequestLink): string {
  return `${appUrl}/request#${link.requestId}${link.code ? `.${link.code}` : ""}`;
}

/** Takes only links of the expected app; everything else is `MALFORMED`. A link is an untrusted message. */
export function parseRequestLink(appUrl: string, text: string): RequestLink {
  const prefix = `${appUrl}/request#`;
  const match = text.startsWith(prefix)
    ? /^([A-Za-z0-9_-]{16,64})(?:\.([A-Za-z0-9_-]{8,64}))?$/.exec(text.slice(prefix.length))
    : null;
  if (!match) throw new ProtocolError("MALFORMED", "not a link of this app");
  const [, requestId, code] = match as unknown as [string, string, string | undefined];
  return code ? { requestId, via: "qr", code } : { requestId, via: "link" };
}
