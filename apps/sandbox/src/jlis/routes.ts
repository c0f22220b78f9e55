import { createPublicKey } from "node:crypto";
import { type Context, Hono } from "hono";
import { stream } from "hono/streaming";
import { calculateJwkThumbprint } from "jose";
import { z } from "zod";
import { kinds } from "../ca/kind.ts";
import { SandboxError } from "../error.ts";
import { jlisFaults } from "../faults/jlis-faults.ts";
import { jpkiUrlFor } from "../faults/revocation-faults.ts";
import { readJson } from "../http/json-body.ts";
import { endedConsents } from "../store/consents.ts";
import { transaction } from "../store/database.ts";
import { countVerifiers, findVerifier, recordVerifier, type VerifierKey } from "../store/verifiers.ts";
import type { World } from "../world.ts";
import { findChanges, presentChanges } from "./changes.ts";
import { AttributeItem } from "./consent-documents.ts";
import { inquireConsent, inquireOwnConsents, registerConsent, withdrawConsent } from "./consents.ts";
import { answerAttributes } from "./latest-attributes.ts";
import { RateLimit } from "./rate-limit.ts";
import { SignedDocument } from "./signed-document.ts";
import { answerLinks, answerStatus } from "./status.ts";
import { type Caller, jlisUrl, verifyVerifierToken } from "./verifier-token.ts";

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

/** Many questions of one kind; the answers come in the same order. */
const requests = <T extends z.ZodType>(one: T, most: number) =>
  z.strictObject({ requests: z.array(one).min(1).max(most) });
const CertificateNames = requests(
  z.strictObject({ kind: z.enum(kinds), serial: z.string().regex(/^[0-9a-fA-F]{1,40}$/) }),
  1000,
);
const consentId = z.string().regex(/^[\w-]{43}$/);
const ConsentIds = requests(z.strictObject({ consentId }), 1000);
const SignedDocuments = requests(SignedDocument, 100);
const AttributeRequests = requests(
  z.strictObject({ consentId, items: z.array(AttributeItem).min(1).max(4).optional() }),
  100,
);
const Page = z.strictObject({ after: z.int().min(0).default(0) });
const pageSize = 1000;
const Sweep = z.strictObject({
  kind: z.enum(kinds),
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
});

/** A body may have so many bytes here; a sweep asks about two million certificates. */
export const largestJlisBody = { sweep: 40 * 1024 * 1024, other: 2 * 1024 * 1024 };

const maximumVerifiers = 1000;

/** /jlis/v1: what J-LIS answers to those with whom it has a contract, and to residents about their own consents. */
export function jlisRoutes(world: World): Hono {
  const { database } = world;
  const now = () => world.realClock().getTime();
  const verifierRate = new RateLimit({ burst: 200, perSecond: 100, now });
  const openRate = new RateLimit({ burst: 200, perSecond: 50, now });

  /** A service for registered verifiers: each question gets its answer or its refusal, all of them in one transaction. */
  const service =
    <One, Answer>(
      schema: z.ZodType<{ requests: One[] }>,
      answer: (caller: Caller, one: One) => Answer,
    ): ((context: Context) => Promise<Response>) =>
    async (context) => {
      const caller = await admit(context);
      const asked = await readJson(context, schema);
      const answers = transaction(database, () => asked.requests.map((one) => orRefusal(() => answer(caller, one))));
      return context.json({ answers });
    };
  const admit = async (context: Context): Promise<Caller> => {
    const caller = await verifyVerifierToken(world, context.req.header("authorization"));
    verifierRate.take(caller.verifier.id);
    return caller;
  };

  return new Hono()
    .use(jlisFaults(world))
    .post("/verifiers", async (context) => {
      openRate.take("registration");
      const { name, jwk } = await readJson(context, Registration);
      const key: VerifierKey = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y };
      checkPoint(key);
      const verifierId = await calculateJwkThumbprint(key);
      const known = findVerifier(database, verifierId);
      if (!known && countVerifiers(database) >= maximumVerifiers) {
        throw new SandboxError("FULL", "the simulation has verifiers enough");
      }
      recordVerifier(database, { id: verifierId, name, jwk: key }, world.clock());
      return context.json({ verifierId, jpkiUrl: jpkiUrlFor(world, verifierId) }, known ? 200 : 201);
    })
    .post(
      "/status",
      service(CertificateNames, (_, one) => answerStatus(database, one)),
    )
    .post(
      "/links",
      service(CertificateNames, (_, one) => answerLinks(database, one)),
    )
    .post(
      "/consents",
      service(SignedDocuments, (caller, one) => registerConsent(database, caller, one)),
    )
    .post(
      "/consents/status",
      service(ConsentIds, (caller, one) => inquireConsent(database, caller, one.consentId)),
    )
    .post(
      "/consents/withdrawals",
      service(SignedDocuments, (caller, one) => withdrawConsent(database, caller, one)),
    )
    .post(
      "/attributes",
      service(AttributeRequests, (caller, one) => answerAttributes(database, caller, one)),
    )
    .post("/consents/ended", async (context) => {
      const { verifier } = await admit(context);
      const { after } = await readJson(context, Page);
      const found = endedConsents(database, verifier.id, after, pageSize);
      const ended = found.map(({ consentId, because, at }) => ({ consentId, because, at: at.toISOString() }));
      return context.json({ ended, mark: found.at(-1)?.sequence ?? after, more: found.length === pageSize });
    })
    .post("/changes", async (context) => {
      await admit(context);
      const sweep = Sweep.safeParse(context.req.query());
      if (!sweep.success) throw new SandboxError("MALFORMED", "kind and after are expected in the address");
      const changes = await findChanges(database, sweep.data, context.req.raw.body ?? noLines());
      context.header("content-type", "application/x-ndjson");
      return stream(context, async (answer) => {
        for (const lines of presentChanges(changes)) await answer.write(lines);
      });
    })
    .post("/residents/consents", async (context) => {
      openRate.take("residents");
      const signed = await readJson(context, SignedDocument);
      const asked = { audience: jlisUrl(world), now: world.clock(), realNow: world.realClock() };
      return context.json({ consents: inquireOwnConsents(database, asked, signed) });
    })
    .post("/residents/withdrawals", async (context) => {
      openRate.take("residents");
      const signed = await readJson(context, SignedDocument);
      const times = { now: world.clock(), realNow: world.realClock() };
      return context.json(transaction(database, () => withdrawConsent(database, times, signed)));
    });
}

/** The answer, or the code and text of why there is none. What nobody foresaw is thrown. */
function orRefusal<Answer>(answer: () => Answer): Answer | { refusal: string; detail: string } {
  try {
    return answer();
  } catch (error) {
    if (error instanceof SandboxError) return { refusal: error.code, detail: error.message };
    throw error;
  }
}

async function* noLines(): AsyncGenerator<Uint8Array> {}

/** Refuses coordinates that are not on the curve. */
function checkPoint(jwk: VerifierKey): void {
  try {
    createPublicKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw new SandboxError("MALFORMED", "jwk is not a point of P-256", { cause });
  }
}
