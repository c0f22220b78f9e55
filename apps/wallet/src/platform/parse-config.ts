import { WalletError } from "../wallet-error.ts";
import type { AppConfig } from "./ports.ts";

/** Throws `WalletError` MALFORMED for anything but the URLs that the app needs. */
export function parseConfig(value: unknown): AppConfig {
  const { platformUrl, appUrl, sandboxUrl, cardAuthorities = null } = (value ?? {}) as Record<string, unknown>;
  return {
    platformUrl: parseUrl(platformUrl, "platformUrl"),
    appUrl: parseUrl(appUrl, "appUrl"),
    sandboxUrl: sandboxUrl === null ? null : parseUrl(sandboxUrl, "sandboxUrl"),
    cardAuthorities,
  };
}

function parseUrl(value: unknown, name: string): string {
  if (typeof value !== "string" || !/^https?:\/\/[^/?#]+(\/[^?#]*[^/?#])?$/.test(value)) {
    throw new WalletError("MALFORMED", `${name} is not a base URL`);
  }
  return value;
}
