import { BasicOCSPResponse, OCSPResponse } from "@peculiar/asn1-ocsp";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { type Context, Hono } from "hono";
import { exactBuffer } from "../ca/certificate.ts";
import { authorityRoutes } from "../ca/routes.ts";
import { dayLength } from "../calendar.ts";
import { SandboxError } from "../error.ts";
import { findVerifier } from "../store/verifiers.ts";
import type { World } from "../world.ts";
import { redateList } from "./redate-list.ts";

/** Base URL of a verifier's own OCSP and CRL addresses, as registration hands it out. */
export function jpkiUrlFor({ sandboxUrl }: World, verifierId: string): string {
  return `${sandboxUrl}/jpki/for/${verifierId}`;
}

/**
 * /jpki with the faults that are switched on, and the same again under /jpki/for/{verifier}: nothing in an OCSP request
 * or a download says who asks, so a registered verifier is given addresses of its own. Others meet everyone's faults.
 */
export function faultyAuthorityRoutes(world: World): Hono {
  const inTime = authorityRoutesOf(world);
  const answer = async (context: Context, verifier: string | undefined) => {
    const whom = { verifier };
    const { faults, clock } = world;
    const [, source] = /^\/jpki(?:\/for\/[^/]+)?\/(ocsp|crl)\//.exec(context.req.path) ?? [];
    const [isOcsp, isList] = [source === "ocsp", source === "crl"];
    if (isOcsp && faults.take("ocsp-down", whom)) throw new SandboxError("UNAVAILABLE", "the responder is down");
    const skew = source === undefined ? 0 : (faults.take("clock-skew", whom)?.seconds ?? 0) * 1000;
    const shifted = () => new Date(clock().getTime() + skew);
    const routes = isOcsp && skew !== 0 ? authorityRoutesOf({ ...world, clock: shifted }) : inTime;
    const response = await routes.fetch(context.req.raw);
    if (!response.ok) return response;
    if (isOcsp && faults.take("ocsp-wrong-signature", whom)) return changed(response, spoilSignature);
    const age = isList && faults.take("crl-stale", whom) ? 2 * dayLength : 0;
    if (!isList || (age === 0 && skew === 0)) return response;
    const thisUpdate = new Date(shifted().getTime() - age);
    const nextUpdate = new Date(thisUpdate.getTime() + dayLength);
    return changed(response, (list) => redateList(world.database, list, { thisUpdate, nextUpdate }));
  };
  return new Hono()
    .all("/for/:verifier/*", (context) => {
      const verifier = context.req.param("verifier");
      if (!findVerifier(world.database, verifier)) throw new SandboxError("NOT_FOUND", "there is no such verifier");
      return answer(context, verifier);
    })
    .all("/*", (context) => answer(context, undefined));
}

/** The authorities' own routes at both addresses, whose errors go to whoever calls them. */
function authorityRoutesOf(world: World): Hono {
  const routes = new Hono();
  routes.onError((error) => {
    throw error;
  });
  routes.notFound(() => {
    throw new SandboxError("NOT_FOUND", "there is nothing here");
  });
  const own = authorityRoutes(world);
  return routes.route("/jpki", own).route("/jpki/for/:verifier", own);
}

async function changed(response: Response, change: (bytes: Uint8Array) => Uint8Array): Promise<Response> {
  const { status } = response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  const bytes = change(new Uint8Array(await response.arrayBuffer()));
  return new Response(Buffer.from(bytes), { status, headers });
}

/** An OCSP answer whose signature has one wrong bit. One without a signature stays as it is. */
function spoilSignature(der: Uint8Array): Uint8Array {
  const response = AsnConvert.parse(der, OCSPResponse);
  if (!response.responseBytes) return der;
  const basic = AsnConvert.parse(response.responseBytes.response, BasicOCSPResponse);
  const signature = new Uint8Array(basic.signature);
  signature[signature.length - 1]! ^= 1;
  basic.signature = exactBuffer(signature);
  response.responseBytes.response = new OctetString(AsnConvert.serialize(basic));
  return new Uint8Array(AsnConvert.serialize(response));
}
