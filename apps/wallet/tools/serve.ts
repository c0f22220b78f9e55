import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
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
  ".bcmap": "application/octet-stream",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".pfb": "application/octet-stream",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};
/** Paths that the app answers for itself. */
const appPaths = ["/", "/request"];

/** Files here never change: their content or their version is in their path. */
const lasting = /^\/(_expo\/static|pdf)\//;

/** One answer, read before anybody asks, compressed when somebody does. */
type Answer = { mediaType: string; caching: string; content: Buffer; compressed: Buffer | null };

/**
 * What a page of the app may load: its own; and whom it may talk to: itself, the platform, the sandbox, and the services
 * whose keys it takes from themselves. Nobody's code but its own runs in it.
 */
export function contentSecurityPolicy({
  platformUrl,
  sandboxUrl,
}: Pick<WalletServerOptions, "platformUrl" | "sandboxUrl">) {
  const counterparts = [platformUrl, ...(sandboxUrl ? [sandboxUrl] : [])].map((url) => new URL(url).origin);
  // Those of a sandbox are on this machine.
  const services = new URL(platformUrl).hostname === "localhost" ? "https: http://localhost:*" : "https:";
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' ${emptyStyle}`,
    "img-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ${counterparts.join(" ")} ${services}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // The one of src/platform/script-addresses.ts.
    "trusted-types default",
  ].join("; ");
}

/**
 * Serves the web build on all interfaces of this machine, as it is now: from memory, so that no path leads to any other
 * file, and a later build changes nothing under the feet of an open page. Rejects when there is no build, or when the
 * port is taken.
 */
export async function startWalletServer(options: WalletServerOptions): Promise<{ close: () => Promise<void> }> {
  const appUrl = options.appUrl ?? `http://localhost:${options.port}`;
  const { platformUrl, sandboxUrl, distDirectory = directory } = options;
  const answers = readBuild(distDirectory);
  answers.set("/config.json", toAnswer(".json", "no-store", JSON.stringify({ platformUrl, sandboxUrl, appUrl })));
  answers.set("/healthz", toAnswer(".json", "no-store", JSON.stringify({ status: "ok" })));
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
    answer(request, response, answers);
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

/** Every file of the build by its path on the web, but for hidden ones and those that no page asks for. */
function readBuild(dist: string): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith(".") || !mediaTypes[extname(entry.name)]) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(dist, file).split(sep).join("/")}`;
    const caching = lasting.test(path) ? "public, max-age=31536000, immutable" : "no-cache";
    answers.set(path, toAnswer(extname(path), caching, readFileSync(file)));
  }
  const page = answers.get("/index.html");
  if (!page) throw new Error("the xID app has not been built");
  for (const path of appPaths) answers.set(path, { ...page, caching: "no-store" });
  return answers;
}

function toAnswer(extension: string, caching: string, body: string | Buffer): Answer {
  const content = Buffer.from(body);
  return { mediaType: mediaTypes[extension]!, caching, content, compressed: null };
}

function answer(request: IncomingMessage, response: ServerResponse, answers: Map<string, Answer>): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD", "content-type": "text/plain" }).end("only GET\n");
    return;
  }
  const found = answers.get((request.url ?? "/").replace(/[?#].*$/, ""));
  if (!found) {
    response.writeHead(404, { "cache-control": "no-store", "content-type": "text/plain" }).end("not found\n");
    return;
  }
  const compressed = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(`${request.headers["accept-encoding"] ?? ""}`);
  if (compressed) found.compressed ??= gzipSync(found.content, { level: 9 });
  const content = (compressed && found.compressed) || found.content;
  response.writeHead(200, {
    "cache-control": found.caching,
    "content-length": content.length,
    "content-type": found.mediaType,
    vary: "accept-encoding",
    ...(compressed ? { "content-encoding": "gzip" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : content);
}
