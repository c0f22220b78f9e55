import { errors } from "oidc-provider";
import type { Config } from "../config.ts";

export const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);
export const maxUriLength = 1024;

/** Throws `invalid_client_metadata` for an address that our server must not be sent to. */
export function checkFetchedUri(config: Pick<Config, "profile">, uri: unknown, name: string): void {
  const url = typeof uri === "string" && uri.length <= maxUriLength ? URL.parse(uri) : null;
  const local = url?.protocol === "http:" && loopbackHosts.has(url.hostname) && config.profile === "sandbox";
  if (!url || (url.protocol !== "https:" && !local)) throw new errors.InvalidClientMetadata(`${name} must use https`);
}
