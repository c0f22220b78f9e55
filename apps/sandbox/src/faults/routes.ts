import { Hono } from "hono";
import { z } from "zod";
import { SandboxError } from "../error.ts";
import { readJson } from "../http/json-body.ts";
import { findResident } from "../store/people.ts";
import { findVerifier } from "../store/verifiers.ts";
import { settle } from "../town/settle.ts";
import type { World } from "../world.ts";
import { type Fault, FaultRequest, faultKinds, type Whom } from "./fault.ts";

/** Which faults to switch off; without a word, all. */
export const FaultSelection = z.strictObject({
  kind: z.enum(faultKinds).optional(),
  verifier: z.string().optional(),
  person: z.string().optional(),
  /** Those that are nobody's own. */
  everyone: z.literal("true").optional(),
});

/** /api/faults: what goes wrong on demand. */
export function faultRoutes(world: World): Hono {
  const { faults } = world;
  return new Hono()
    .get("/", (context) => context.json(faults.list().map(presentFault)))
    .post("/", async (context) => {
      const fault = await setFault(world, await readJson(context, FaultRequest));
      return context.json(presentFault(fault), 201);
    })
    .delete("/", (context) => {
      const selection = FaultSelection.safeParse(context.req.query());
      if (!selection.success)
        throw new SandboxError("MALFORMED", "faults are cleared by kind, verifier, person or everyone");
      return context.json({ cleared: clearFaults(world, selection.data) });
    });
}

/** Throws PERSON_NOT_FOUND, VERIFIER_NOT_FOUND or FULL. */
export async function setFault(world: World, request: FaultRequest): Promise<Fault> {
  await checkWhom(world, request);
  const fault = world.faults.set(request);
  world.log("info", "fault set", { fault: fault.kind });
  return fault;
}

/** Returns how many there were. */
export function clearFaults(
  { faults, log }: World,
  { kind, everyone, ...whom }: z.output<typeof FaultSelection>,
): number {
  const cleared = faults.clear(kind, Object.keys(whom).length > 0 || everyone ? whom : undefined);
  log("info", "faults cleared", { cleared });
  return cleared;
}

/** As the interface shows it; times in ISO 8601. */
export function presentFault({ setAt, expiresAt, ...fault }: Fault) {
  return { ...fault, setAt: setAt.toISOString(), ...(expiresAt && { expiresAt: expiresAt.toISOString() }) };
}

/** Throws PERSON_NOT_FOUND or VERIFIER_NOT_FOUND. */
async function checkWhom(world: World, { verifier, person }: Whom): Promise<void> {
  if (person !== undefined) {
    await settle(world, person);
    findResident(world.database, person);
  }
  if (verifier !== undefined && !findVerifier(world.database, verifier)) {
    throw new SandboxError("VERIFIER_NOT_FOUND", "no verifier is registered under this id");
  }
}
