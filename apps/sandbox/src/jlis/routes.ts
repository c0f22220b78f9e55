import { createPublicKey } from "node:crypto";
import { Hono } from "hono";
import { calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { kinds } from "../ca/kind.ts";
import { SandboxError } from "../error.ts";
import { jlisFaults } from "../faults/jlis-faults.ts";
import { jpkiUrlFor } from "../faults/revocation-faults.ts";
import { readJson } from "../http/json-body.ts";
import { countVerifiers, findVerifier, recordVerifier, type VerifierKey } from "../store/verifiers.ts";
import type { World } from "../world.ts";
import { answerLinks, answerStatus } from "./answers.ts";
import { verifyVerifierToken } from "./verifier-token.ts";

const coordinate = z.string().regex(/^[\w-]{43}$/);
/** Strict, so that a private key sent by mistake is refused. */
const PublicKey = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: coordinate,
  y: coordinate,
  use: z.literal("sig").optional(),
  alg: z.literal("ES256").optional(),
  kid: z.string().max(128).optional(),
});
const Registration = z.strictObject({ name: z.string().min(1).max(120), jwk: PublicKey });
const Question = z.strictObject({ kind: z.enum(kinds), serial: z.string().regex(/^[0-9a-fA-F]{1,40}$/) });

const maximumVerifiers = 1000;

/** /jlis/v1: what J-LIS answers to those with whom it has a contract. */
export function jlisRoutes(world: World): Hono {
  return new Hono()
    .use(jlisFaults(world))
    .post("/verifiers", async (context) => {
      const { name, jwk } = await readJson(context, Registration);
      const key: VerifierKey = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y };
      checkPoint(key);
      const verifierId = await calculateJwkThumbprint(key);
      const known = findVerifier(world.database, verifierId);
      if (!known && countVerifiers(world.database) >= maximumVerifiers) {
        throw new SandboxError("FULL", "the simulation has verifiers enough");
      }
      recordVerifier(world.database, { id: verifierId, name, jwk: key }, world.clock());
      return context.json({ verifierId, jpkiUrl: jpkiUrlFor(world, verifierId) }, known ? 200 : 201);
    })
    .post("/status", async (context) => {
      await verifyVerifierToken(world, context.req.header("authorization"));
      const { kind, serial } = await readJson(context, Question);
      return context.json(answerStatus(world, kind, serial));
    })
    .post("/links", async (context) => {
      await verifyVerifierToken(world, context.req.header("authorization"));
      const { kind, serial } = await readJson(context, Question);
      return context.json(answerLinks(world, kind, serial));
    });
}

/** Refuses coordinates that are not on the curve. */
function checkPoint(jwk: VerifierKey): void {
  try {
    createPublicKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw new SandboxError("MALFORMED", "jwk is not a point of P-256", { cause });
  }
}
