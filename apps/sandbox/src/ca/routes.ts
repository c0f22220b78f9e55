import { X509Certificate } from "node:crypto";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import { SandboxError } from "../error.ts";
import { type Municipality, municipalities } from "../people/municipalities.ts";
import type { World } from "../world.ts";
import type { Authority } from "./authority.ts";
import { type Kind, kinds } from "./kind.ts";

const largestRequest = 8192;

/**
 * /jpki: the authorities' certificates, OCSP (RFC 6960 appendix A) and CRLs. `signature.pem` has every generation, newest
 * first; `signature.cer` the one that issues now, and under the name of its key identifier each has an address of its own,
 * so `/crl/signature/KEY.crl`, and `/crl/signature/KEY/13221.crl` for one municipality.
 */
export function authorityRoutes(world: World): Hono {
  const routes = new Hono();
  const answer = (kind: Kind, request: Uint8Array) => {
    const headers = { "content-type": "application/ocsp-response", "cache-control": "no-store" };
    return new Response(Buffer.from(world.ocspResponder.answer(kind, request, world.clock())), { headers });
  };
  for (const kind of kinds) {
    const find = (keyIdentifier: string) => {
      const authority = world.authorities.find(kind, keyIdentifier);
      if (!authority) throw new SandboxError("NOT_FOUND", "no generation of the authority has this key");
      return authority;
    };
    const certificate = (authority: Authority) => file("application/pkix-cert", authority.certificate);
    const list = async ({ req }: Context, authority: Authority, municipality?: Municipality) =>
      stream("application/pkix-crl", await world.revocationLists.read(authority, world.clock(), municipality), req);
    const newest = () => world.authorities.issuing(kind, world.clock());
    routes.get(`/ca/${kind}.pem`, () => {
      const newestFirst = world.authorities.generations(kind).reverse();
      const text = newestFirst.map(({ certificate }) => new X509Certificate(certificate).toString()).join("");
      return file("application/pem-certificate-chain", Buffer.from(text));
    });
    routes.get(`/ca/${kind}.cer`, () => certificate(newest()));
    routes.get(`/ca/${kind}/:file{[0-9a-f]{40}\\.cer}`, (context) =>
      certificate(find(context.req.param("file").slice(0, 40))),
    );
    routes.get(`/crl/${kind}.crl`, (context) => list(context, newest()));
    routes.get(`/crl/${kind}/:file{[0-9a-f]{40}\\.crl}`, (context) =>
      list(context, find(context.req.param("file").slice(0, 40))),
    );
    routes.get(`/crl/${kind}/:key{[0-9a-f]{40}}/:file{[0-9]{5}\\.crl}`, (context) => {
      const code = context.req.param("file").slice(0, 5);
      const municipality = municipalities.find((one) => one.code === code);
      if (!municipality) throw new SandboxError("NOT_FOUND", "no municipality that the simulation knows");
      return list(context, find(context.req.param("key")), municipality);
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

function file(type: string, bytes: Uint8Array): Response {
  return new Response(Buffer.from(bytes), { headers: { "content-type": type, "cache-control": "no-cache" } });
}

/** Of the file as it is at this moment, also when another takes its place meanwhile. */
async function stream(type: string, path: string, { method }: { method: string }): Promise<Response> {
  const handle = await open(path);
  const { size } = await handle.stat();
  const headers = { "content-type": type, "content-length": String(size), "cache-control": "no-cache" };
  if (method === "HEAD") {
    // Nobody would read the stream, so nobody would close the file.
    await handle.close();
    return new Response(null, { headers });
  }
  const body = Readable.toWeb(handle.createReadStream({ highWaterMark: 1 << 18 })) as ReadableStream;
  return new Response(body, { headers });
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new SandboxError("MALFORMED", "the path is not in its form", { cause });
  }
}
