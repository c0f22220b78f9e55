import { join } from "node:path";

/** Everything that differs between installations of the sandbox. */
export type Config = {
  host: string;
  port: number;
  /** Own base URL, without a trailing slash. */
  sandboxUrl: string;
  /** The one web origin besides our own that may use cards and residents: the xID app. */
  appOrigin: string;
  dataDirectory: string;
};

/** Throws a `TypeError` naming the variable that is wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const port = Number(environment.XID_PORT ?? 4006);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError("XID_PORT must be a port number");
  return {
    host: environment.XID_HOST ?? "127.0.0.1",
    port,
    sandboxUrl: webUrl(environment, "XID_SANDBOX_URL", `http://localhost:${port}`).href.replace(/\/$/, ""),
    appOrigin: webUrl(environment, "XID_APP_URL", "http://localhost:4002").origin,
    dataDirectory: join(environment.XID_DATA_DIR ?? ".xid", "sandbox"),
  };
}

function webUrl(environment: Record<string, string | undefined>, name: string, fallback: string): URL {
  const url = URL.parse(environment[name] ?? fallback);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new TypeError(`${name} must be an http or https URL`);
  }
  return url;
}
