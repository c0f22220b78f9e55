import { decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { SandboxError } from "../error.ts";
import { findVerifier, useToken, type Verifier } from "../store/verifiers.ts";
import type { World } from "../world.ts";

const longestLife = 60;
const tolerance = 5;

const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(8).max(128),
});

/**
 * The verifier whose bearer token this is: an ES256 JWT of its own making, for us, at most a minute long, used once.
 * Throws UNAUTHORIZED, without telling which of these failed.
 */
export async function verifyVerifierToken(world: World, authorization: string | undefined): Promise<Verifier> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
  if (!token || token.length > 4096) throw unauthorized();
  const verifier = findKey(world, token);
  const claims = Claims.safeParse(await verifySignature(world, token, verifier)).data;
  const now = world.clock();
  const seconds = now.getTime() / 1000;
  if (!claims || claims.iss !== verifier.id || claims.aud !== jlisUrl(world)) throw unauthorized();
  if (claims.iat > seconds + tolerance || claims.exp > claims.iat + longestLife) throw unauthorized();
  const rememberUntil = new Date((claims.exp + tolerance) * 1000);
  if (!useToken(world.database, verifier.id, claims.jti, rememberUntil, now)) throw unauthorized();
  return verifier;
}

/** Base URL of the interface, which tokens name as their audience. */
export function jlisUrl({ sandboxUrl }: World): string {
  return `${sandboxUrl}/jlis/v1`;
}

function findKey({ database }: World, token: string): Verifier {
  try {
    const { kid } = decodeProtectedHeader(token);
    const verifier = kid === undefined ? undefined : findVerifier(database, kid);
    if (verifier) return verifier;
  } catch (cause) {
    throw unauthorized(cause);
  }
  throw unauthorized();
}

async function verifySignature({ clock }: World, token: string, { jwk }: Verifier): Promise<JWTPayload> {
  try {
    const options = { algorithms: ["ES256"], currentDate: clock(), clockTolerance: tolerance };
    return (await jwtVerify(token, { ...jwk, alg: "ES256" }, options)).payload;
  } catch (cause) {
    throw unauthorized(cause);
  }
}

function unauthorized(cause?: unknown): SandboxError {
  return new SandboxError("UNAUTHORIZED", "a fresh token of a registered verifier is needed", { cause });
}
