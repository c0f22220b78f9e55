import { X509Certificate } from "node:crypto";
import { Hono } from "hono";
import { SandboxError } from "../error.ts";
import type { World } from "../world.ts";
import { timestampAuthority, timestampRevocationList, timestampRoots } from "./timestamp-authority.ts";
import { timestampResponse } from "./timestamp-response.ts";

const largestRequest = 8192;

/**
 * /tsa: time stamps (RFC 3161 §3.4) at the time of the simulated Japan; its roots at `/tsa/ca.pem`, newest first, and the revocation
 * list of the root that stamps now at `/tsa/ca.crl`.
 */
export function timestampRoutes(world: World): Hono {
  const { database, clock } = world;
  const routes = new Hono();
  const file = (type: string, bytes: Uint8Array) =>
    new Response(Buffer.from(bytes), { headers: { "content-type": type, "cache-control": "no-store" } });
  routes.post("/", async (context) => {
    const request = new Uint8Array(await context.req.arrayBuffer());
    if (request.length > largestRequest) throw new SandboxError("TOO_LARGE", "too long for a time-stamp request");
    const now = clock();
    return file("application/timestamp-reply", timestampResponse(timestampAuthority(database, now), request, now));
  });
  routes.get("/ca.pem", () => {
    timestampAuthority(database, clock());
    const roots = timestampRoots(database).map((der) => new X509Certificate(der).toString());
    return file("application/pem-certificate-chain", Buffer.from(roots.join("")));
  });
  routes.get("/ca.crl", () => {
    const now = clock();
    return file("application/pkix-crl", timestampRevocationList(timestampAuthority(database, now), now));
  });
  return routes;
}
