import { Hono } from "hono";
import { z } from "zod";
import { readJson } from "../http/json-body.ts";
import { findResident } from "../store/people.ts";
import type { World } from "../world.ts";

/** Larger than any command that the card knows, extended ones included. */
const largestCommand = 4096;
const Command = z.strictObject({
  apdu: z
    .string()
    .max(2 * largestCommand)
    .regex(/^(?:[0-9a-fA-F]{2})+$/),
});
const Removal = z.strictObject({ apdus: z.int().min(0).max(10_000) });

/** /reader: a resident's card, by its APDUs and by nothing else. */
export function readerRoutes(world: World): Hono {
  const { reader } = world;
  return new Hono()
    .post("/:person/session", (context) => {
      const { session, atr } = reader.connect(context.req.param("person"));
      return context.json({ session, atr: Buffer.from(atr).toString("hex") }, 201);
    })
    .post("/sessions/:session/apdu", async (context) => {
      const { apdu } = await readJson(context, Command);
      const response = reader.transmit(context.req.param("session"), Buffer.from(apdu, "hex"));
      return context.json({ response: Buffer.from(response).toString("hex") });
    })
    .delete("/sessions/:session", (context) => {
      reader.disconnect(context.req.param("session"));
      return context.body(null, 204);
    })
    .post("/:person/remove-after", async (context) => {
      const { apdus } = await readJson(context, Removal);
      const { id } = findResident(world.database, context.req.param("person"));
      reader.removeAfter(id, apdus);
      return context.body(null, 204);
    });
}
