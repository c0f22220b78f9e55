import { Hono } from "hono";
import { SandboxError } from "../error.ts";
import type { World } from "../world.ts";
import { type Kind, kinds } from "./kind.ts";

const largestRequest = 8192;

/** /jpki: the authorities' certificates, OCSP (RFC 6960 appendix A) and CRLs. */
export function authorityRoutes(world: World): Hono {
  const routes = new Hono();
  const answer = (kind: Kind, request: Uint8Array) => {
    const headers = { "content-type": "application/ocsp-response", "cache-control": "no-store" };
    return new Response(Buffer.from(world.ocspResponders[kind].answer(request, world.clock())), { headers });
  };
  for (const kind of kinds) {
    routes.get(`/ca/${kind}.cer`, () => {
      const headers = { "content-type": "application/pkix-cert", "cache-control": "no-cache" };
      return new Response(Buffer.from(world.authorities[kind].certificate), { headers });
    });
    routes.get(`/crl/${kind}.crl`, () => {
      const headers = { "content-type": "application/pkix-crl", "cache-control": "no-cache" };
      return new Response(Buffer.from(world.revocationLists[kind].read(world.clock())), { headers });
    });
    routes.post(`/ocsp/${kind}`, async (context) => {
      const request = new Uint8Array(await context.req.arrayBuffer());
      if (request.length > largestRequest) throw new SandboxError("TOO_LARGE", "too long for an OCSP request");
      return answer(kind, request);
    });
    routes.get(`/ocsp/${kind}/*`, (context) => {
      const { pathname } = new URL(context.req.url);
      const encoded = pathname.slice(pathname.indexOf(`/ocsp/${kind}/`) + `/ocsp/${kind}/`.length);
      if (encoded.length > largestRequest) throw new SandboxError("TOO_LARGE", "too long for an OCSP request");
      return answer(kind, Buffer.from(decodePath(encoded), "base64"));
    });
  }
  return routes;
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new SandboxError("MALFORMED", "the path is not in its form", { cause });
  }
}
