import type { HttpBindings } from "@hono/node-server";
import { formatNoteKey, type Tile, tileWidth } from "@xid/pki";
import { Hono } from "hono";
import { readCheckpoint, readEntries, readRevocationList, readTile } from "../evidence/log.ts";
import { clientAddress, isUnlimited } from "../http/client-address.ts";
import { ApiProblem } from "../http/problem.ts";
import { RateLimiter } from "../http/rate-limit.ts";
import type { Platform } from "../platform.ts";

/** Who audits the whole log reads 256 entries in a call. */
const callLimit = { burst: 200, perSecond: 20 };

/** The evidence log for whoever wants to watch it (C2SP tlog-tiles): under /log, open to everybody, told by nobody. */
export function logApi(platform: Platform): Hono {
  const { name, key } = platform.evidenceLog;
  const app = new Hono<{ Bindings: HttpBindings }>();
  const limiter = new RateLimiter(callLimit, platform.clock);
  app.use(async (context, next) => {
    const address = clientAddress(platform.config, context.env.incoming);
    if (!isUnlimited(platform.config, address)) limiter.take(address);
    await next();
  });
  app.get("/key", (context) => context.text(`${formatNoteKey(key)}\n`));
  app.get("/checkpoint", async (context) => {
    const checkpoint = await readCheckpoint(platform, name);
    if (checkpoint === undefined) throw new ApiProblem("NOT_FOUND");
    context.header("cache-control", "no-cache");
    return context.text(checkpoint);
  });
  app.get("/lists/:digest{[0-9a-f]{64}}", async (context) => {
    const list = await readRevocationList(platform, Buffer.from(context.req.param("digest"), "hex"));
    if (!list) throw new ApiProblem("NOT_FOUND");
    context.header("cache-control", "public, max-age=31536000, immutable");
    return context.body(new Uint8Array(list), 200, { "content-type": "application/pkix-crl" });
  });
  app.get("/tile/:level/:path{.+}", async (context) => {
    const { level, path } = context.req.param();
    const tile = parsePath(path);
    const content = !tile
      ? undefined
      : level === "entries"
        ? await readEntries(platform, name, tile)
        : /^(0|[1-9]|[1-5][0-9]|6[0-3])$/.test(level)
          ? await readTile(platform, name, { ...tile, level: Number(level) })
          : undefined;
    if (!content) throw new ApiProblem("NOT_FOUND");
    // What stands in a tile never changes.
    context.header("cache-control", "public, max-age=31536000, immutable");
    return context.body(new Uint8Array(content), 200, { "content-type": "application/octet-stream" });
  });
  return app as unknown as Hono;
}

/** `x001/x234/067` with `.p/<width>` behind it where the tile is partial. */
function parsePath(path: string): Pick<Tile, "index" | "width"> | undefined {
  const [, leading, last, width] = /^((?:x\d{3}\/){0,4})(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  if (leading === undefined || last === undefined) return undefined;
  const digits = `${leading.replaceAll(/[x/]/g, "")}${last}`;
  if (leading.startsWith("x000")) return undefined;
  const wide = width === undefined ? tileWidth : Number(width);
  return wide > tileWidth || (width !== undefined && wide === tileWidth)
    ? undefined
    : { index: Number(digits), width: wide };
}
