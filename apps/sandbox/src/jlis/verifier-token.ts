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

/** What the clocks of J-LIS show: of the simulated Japan, and the machine's for what must be fresh. */
export type Times = { now: Date; realNow: Date };
/** A verifier that has proved itself, and the times of its call. */
export type Caller = Times & { verifier: Verifier };

/**
 * The verifier whose bearer token this is: an ES256 JWT of its own making, for us, at most a minute long, used once.
 * Throws UNAUTHORIZED, without telling which of these failed.
 */
export async function verifyVerifierToken(world: World, authorization: string | undefined): Promise<Caller> {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
  if (!token || token.length > 4096) throw unauthorized();
  const verifier = findKey(world, token);
  const skew = world.faults.take("clock-skew", { verifier: verifier.id })?.seconds ?? 0;
  const realNow = new Date(world.realClock().getTime() + skew * 1000);
  const claims = Claims.safeParse(await verifySignature(token, verifier, realNow)).data;
  const seconds = realNow.getTime() / 1000;
  if (!claims || claims.iss !== verifier.id || claims.aud !== jlisUrl(world)) throw unauthorized();
  if (claims.iat > seconds + tolerance || claims.exp > claims.iat + longestLife) throw unauthorized();
  const rememberUntil = new Date((claims.exp + tolerance) * 1000);
  if (!useToken(world.database, verifier.id, claims.jti, rememberUntil, realNow)) throw unauthorized();
  return { verifier, realNow, now: new Date(world.clock().getTime() + skew * 1000) };
}

/** Base URL of the interface, which tokens name as their audience. */
export function jlisUrl({ sandboxUrl }: World): string {
  return `${sandboxUrl}/jlis/v1`;
}

/** Who a token says that it is from; nothing of it is verified. */
export function claimedVerifier(authorization: string | undefined): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(authorization?.replace(/^Bearer /i, "") ?? "");
    return typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
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

async function verifySignature(token: string, { jwk }: Verifier, now: Date): Promise<JWTPayload> {
  try {
    const options = { algorithms: ["ES256"], currentDate: now, clockTolerance: tolerance };
    return (await jwtVerify(token, { ...jwk, alg: "ES256" }, options)).payload;
  } catch (cause) {
    throw unauthorized(cause);
  }
}

function unauthorized(cause?: unknown): SandboxError {
  return new SandboxError("UNAUTHORIZED", "a fresh token of a registered verifier is needed", { cause });
}
