import { readdir, readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const directory = fileURLToPath(new URL("../dist/web", import.meta.url));

export type WalletServerOptions = {
  port: number;
  /** Base URLs, without a trailing slash. */
  platformUrl: string;
  appUrl: string;
  /** Whose card reader the app uses; null leaves it out. */
  sandboxUrl: string | null;
};

const mediaTypes: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};

type File = { body: Buffer; compressed: Buffer; type: string; cache: string };

/**
 * Serves the web build as it was when this was called. Every file is known by name beforehand, so there is no way to any
 * other. Throws if there is no build, or the port is taken.
 */
export async function startWalletServer(options: WalletServerOptions): Promise<{ close(): Promise<void> }> {
  const files = await loadFiles(options);
  const headers = securityHeaders(options);
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== "GET" && request.method !== "HEAD") return end(response, 405, "method not allowed");
    const path = (request.url ?? "").replace(/[?#].*$/s, "");
    // /request is where links lead; what they hold is in the fragment, which never comes here.
    const file = files.get(path === "/" || path === "/request" ? "/index.html" : path);
    if (!file) return end(response, 404, "not found");
    const compressed = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    response.setHeader("content-type", file.type);
    response.setHeader("cache-control", file.cache);
    response.setHeader("vary", "accept-encoding");
    if (compressed) response.setHeader("content-encoding", "gzip");
    response.end(request.method === "HEAD" ? undefined : compressed ? file.compressed : file.body);
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

async function loadFiles({ platformUrl, appUrl, sandboxUrl }: WalletServerOptions): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  const add = (path: string, body: Buffer) => {
    // Metro puts the hash of the content into these names.
    const cache = path.startsWith("/_expo/") ? "public, max-age=31536000, immutable" : "no-cache";
    const type = mediaTypes[extname(path)] ?? "application/octet-stream";
    files.set(path, { body, compressed: gzipSync(body), type, cache });
  };
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    add(file.slice(directory.length).replaceAll("\\", "/"), await readFile(file));
  }
  if (!files.has("/index.html")) throw new Error("the xID app has not been built");
  add("/config.json", Buffer.from(JSON.stringify({ platformUrl, appUrl, sandboxUrl })));
  add("/healthz", Buffer.from('{"status":"ok"}'));
  return files;
}

function securityHeaders({ platformUrl, sandboxUrl }: WalletServerOptions): Record<string, string> {
  const origins = [platformUrl, sandboxUrl].filter((url) => url !== null).map((url) => new URL(url).origin);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // react-native-web begins with one empty style element: this is the hash of nothing.
    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "manifest-src 'self'",
    `connect-src 'self' ${origins.join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy":
      "camera=(self), publickey-credentials-create=(self), publickey-credentials-get=(self), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}
