import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { directory } from "./build.ts";

export type WalletServerOptions = {
  port: number;
  /** Issuer URL. */
  platformUrl: string;
  /** The simulated world with its card reader; null leaves it out. */
  sandboxUrl: string | null;
  /** Base URL of links to the app; by default this server's own. */
  appUrl?: string;
  /** Folder of the web build. */
  distDirectory?: string;
};

/** React Native Web makes one empty `<style>` and fills it by script: this is the SHA-256 of nothing. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

const mediaTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};
/** Paths that the app answers for itself. */
const appPaths = new Set(["/", "/request"]);

/** What a page of the app may load and whom it may talk to: itself, the platform, the sandbox. */
export function contentSecurityPolicy({
  platformUrl,
  sandboxUrl,
}: Pick<WalletServerOptions, "platformUrl" | "sandboxUrl">) {
  const counterparts = [platformUrl, ...(sandboxUrl ? [sandboxUrl] : [])].map((url) => new URL(url).origin);
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${emptyStyle}`,
    "img-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${counterparts.join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

/** Serves the web build on all interfaces of this machine. Rejects when the port is taken. */
export async function startWalletServer(options: WalletServerOptions): Promise<{ close: () => Promise<void> }> {
  const appUrl = options.appUrl ?? `http://localhost:${options.port}`;
  const { platformUrl, sandboxUrl, distDirectory = directory } = options;
  const config = JSON.stringify({ platformUrl, sandboxUrl, appUrl });
  const headers = {
    "content-security-policy": contentSecurityPolicy(options),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), publickey-credentials-get=(self)",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(request, response, distDirectory, config).catch(() => finish(response, 500, "text/plain", "error\n"));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, dist: string, config: string) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return finish(response, 405, "text/plain", "only GET\n");
  }
  const path = (request.url ?? "/").replace(/[?#].*$/, "");
  response.setHeader("cache-control", "no-store");
  if (path === "/config.json") return finish(response, 200, "application/json", config);
  const page = await readFile(join(dist, "index.html")).catch(() => null);
  if (path === "/healthz") {
    return finish(
      response,
      page ? 200 : 503,
      "application/json",
      JSON.stringify({ status: page ? "ok" : "not built" }),
    );
  }
  if (appPaths.has(path)) return page ? finish(response, 200, mediaTypes[".html"]!, page) : notFound(response);
  const mediaType = mediaTypes[extname(path)];
  // Plain names only: nothing hidden, nothing above the folder.
  if (!mediaType || !/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(path) || path.includes("..")) return notFound(response);
  const content = await readFile(join(dist, path)).catch(() => null);
  if (!content) return notFound(response);
  const hashed = path.startsWith("/_expo/static/");
  response.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  return finish(response, 200, mediaType, content);
}

function notFound(response: ServerResponse): void {
  finish(response, 404, "text/plain", "not found\n");
}

function finish(response: ServerResponse, status: number, mediaType: string, body: string | Buffer): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": mediaType });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
