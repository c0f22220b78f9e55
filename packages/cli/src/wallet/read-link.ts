import { parseRequestLink, type RequestLink } from "@xid/protocol";

/** A link to the app (from a button or a QR code), or a bare request id, which counts as a link on the same device. */
export function readLink(appUrl: string, text: string): RequestLink {
  return parseRequestLink(appUrl, /^[A-Za-z0-9_-]+$/.test(text) ? `${appUrl}/request#${text}` : text);
}
