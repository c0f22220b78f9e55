import { WalletError } from "../wallet-error.ts";
import { parseConfig } from "./parse-config.ts";
import type { AppConfig } from "./ports.ts";

/** `/config.json`, which the server of this app writes. */
export async function loadConfig(): Promise<AppConfig> {
  const response = await fetch("/config.json", { cache: "no-store" });
  if (!response.ok) throw new WalletError("UNAVAILABLE", `/config.json answered ${response.status}`);
  return parseConfig(await response.json());
}
