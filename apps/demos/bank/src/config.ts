import { join } from "node:path";

/** What differs between installations, read from the environment once. */
export type BankConfig = {
  port: number;
  /** The bank's own base URL, without a trailing slash. */
  url: string;
  /** The OpenID Provider. */
  issuer: string;
  /** Customers and the client's keys live here. */
  dataDirectory: string;
};

/** Throws a `TypeError` naming the variable that is wrong. */
export function readBankConfig(environment: Record<string, string | undefined>): BankConfig {
  const port = Number(environment.XID_PORT ?? 4003);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError("XID_PORT must be a port number");
  return {
    port,
    url: origin("XID_BANK_URL", environment.XID_BANK_URL ?? `http://localhost:${port}`),
    issuer: origin("XID_ISSUER", environment.XID_ISSUER ?? "http://localhost:4001"),
    dataDirectory: join(environment.XID_DATA_DIR ?? ".xid", "bank"),
  };
}

function origin(name: string, value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw new TypeError(`${name} must be a URL`);
  return value.replace(/\/$/, "");
}
