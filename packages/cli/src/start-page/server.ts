import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Places } from "../places.ts";
import { startPage } from "./page.ts";
import type { Status } from "./status.ts";

export type StartPageOptions = { port: number; places: Places; status(): Promise<Status> };

const headers = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

const files: Record<string, { name: string; type: string }> = {
  "/start-page.css": { name: "start-page.css", type: "text/css; charset=utf-8" },
  "/start-page.js": { name: "start-page.js", type: "text/javascript; charset=utf-8" },
  "/favicon.svg": { name: "favicon.svg", type: "image/svg+xml" },
};

/** Serves the start page on this machine only (127.0.0.1 and ::1): `/`, `/status.json`, `/healthz`. */
export async function startStartPage(options: StartPageOptions): Promise<{ close(): Promise<void> }> {
  const servers = await Promise.all(["127.0.0.1", "::1"].map((host) => listen(options, host)));
  return {
    close: async () => {
      await Promise.all(servers.map((server) => server && close(server)));
    },
  };
}

/** Undefined when the machine has no such address (no IPv6). */
function listen(options: StartPageOptions, host: string): Promise<Server | undefined> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(error.code ?? "") ? resolve(undefined) : reject(error),
    );
    server.listen(options.port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(options: StartPageOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "/").replace(/[?#].*$/, "");
  const send = (status: number, type: string, body: string | Buffer) => {
    response.writeHead(status, { ...headers, "content-type": type });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "GET only\n");
  if (path === "/")
    return send(200, "text/html; charset=utf-8", startPage(await options.status(), options.places).text);
  if (path === "/status.json") return send(200, "application/json", JSON.stringify(await options.status()));
  if (path === "/healthz") return send(200, "application/json", JSON.stringify({ status: "ok" }));
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (!file) return send(404, "text/plain; charset=utf-8", "ありません / not here\n");
  send(200, file.type, await readFile(new URL(file.name, import.meta.url)));
}
