import type { IncomingMessage } from "node:http";
import type { Config } from "../config.ts";

/**
 * The address a request came from: the peer's, or, behind `proxyHops` proxies of our own, what the outermost of them
 * saw. What a client itself writes into X-Forwarded-For lies further left and is not looked at.
 */
export function clientAddress({ proxyHops }: Pick<Config, "proxyHops">, request: IncomingMessage): string {
  const peer = request.socket.remoteAddress ?? "unknown";
  if (proxyHops === 0) return peer;
  const header = request.headers["x-forwarded-for"];
  const forwarded = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",").map((part) => part.trim());
  return forwarded.at(-proxyHops) || peer;
}

/** Whether to spare a caller the rate limits: programs on the same machine in a sandbox, such as a benchmark. */
export function isUnlimited({ profile }: Pick<Config, "profile">, address: string): boolean {
  return profile === "sandbox" && /^(::ffff:)?127\.|^::1$/.test(address);
}
