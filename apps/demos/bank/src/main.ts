import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { createXid, fileStore, type Xid } from "@xid/sdk/server";
import { createApp } from "./app.ts";
import { readBankConfig } from "./config.ts";
import { Customers } from "./customers.ts";

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

function start(): void {
  const { port, url, issuer, dataDirectory } = readBankConfig(process.env);
  const xid = createXid({
    issuer,
    redirectUri: `${url}/callback`,
    store: fileStore(join(dataDirectory, "xid-client.json")),
    registration: {
      name: { ja: "はるかぜ銀行", en: "Harukaze Bank" },
      purpose: {
        ja: "口座開設時の本人確認（取引時確認）と、口座へのログインのため",
        en: "To identify you when you open an account, and to sign you in to it",
      },
      logoutUri: `${url}/backchannel-logout`,
      homepage: `${url}/`,
      logo: `${url}/mark.svg`,
    },
  });
  const customers = new Customers(dataDirectory);
  const app = createApp({ url, xid, customers, clock: Date.now, log: console.log });
  const server = serve({ fetch: app.fetch, port }, () => console.log(`listening ${url}`));
  server.on("error", (error: NodeJS.ErrnoException) =>
    stop(error.code === "EADDRINUSE" ? `port ${port} is in use` : `cannot listen on port ${port}: ${error.code}`),
  );

  const stopping = new AbortController();
  prepare(xid, stopping.signal);
  const end = () => {
    stopping.abort();
    server.close(() => {
      customers.close();
      process.exit(0);
    });
    if ("closeAllConnections" in server) server.closeAllConnections();
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}

/** Registers in the background, so that the first customer needs not wait; the provider may start after the bank. */
async function prepare(xid: Xid, signal: AbortSignal): Promise<void> {
  for (let wait = 250; !signal.aborted; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await xid.prepare();
    } catch {
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

try {
  start();
} catch (error) {
  stop(error instanceof Error ? error.message : String(error));
}
