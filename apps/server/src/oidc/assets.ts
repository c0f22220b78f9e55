import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Hono } from "hono";

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** What the pages load, all of it from here. */
const files: Record<string, string> = {
  "icon.svg": join(import.meta.dirname, "assets", "icon.svg"),
  "qr.js": fileURLToPath(import.meta.resolve("qr")),
  "return.js": join(import.meta.dirname, "assets", "return.js"),
  "sign-in.js": join(import.meta.dirname, "assets", "sign-in.js"),
  "xid.css": join(import.meta.dirname, "assets", "xid.css"),
};

/** Routes of the pages' files: read, compressed and named by their content once, at the start. */
export async function createAssets(): Promise<Hono> {
  const app = new Hono();
  for (const [name, path] of Object.entries(files)) {
    const body = new Uint8Array(await readFile(path));
    const compressed = new Uint8Array(await promisify(gzip)(body));
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    const headers = {
      "content-type": types[extname(name)] as string,
      "cache-control": "public, max-age=300, must-revalidate",
      vary: "accept-encoding",
      etag,
    };
    app.get(`/${name}`, (context) => {
      if (context.req.header("if-none-match") === etag) return context.body(null, 304, headers);
      if (!context.req.header("accept-encoding")?.includes("gzip")) return context.body(body, 200, headers);
      return context.body(compressed, 200, { ...headers, "content-encoding": "gzip" });
    });
  }
  return app;
}
