import { Hono } from "hono";
import { z } from "zod";
import { readJson } from "../http/json-body.ts";
import type { World } from "../world.ts";

/** Larger than any command that the card knows, extended ones included. */
const largestCommand = 4096;
const Command = z.strictObject({
  apdu: z
    .string()
    .max(2 * largestCommand)
    .regex(/^(?:[0-9a-fA-F]{2})+$/),
});

/** /reader: a resident's card, by its APDUs and by nothing else. */
export function readerRoutes({ reader }: World): Hono {
  return (
    new Hono()
      .post("/:person/session", (context) => {
        const { session, atr } = reader.connect(context.req.param("person"));
        return context.json({ session, atr: Buffer.from(atr).toString("hex") }, 201);
      })
      .post("/sessions/:session/apdu", async (context) => {
        const { apdu } = await readJson(context, Command);
        const response = reader.transmit(context.req.param("session"), Buffer.from(apdu, "hex"));
        return context.json({ response: Buffer.from(response).toString("hex") });
      })
      /** The keys that a verifier of what the cards' issuer signed has to trust; bytes in hexadecimal. */
      .get("/authorities", (context) => {
        const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
        const { authorities, draftAuthority } = reader.issuer();
        return context.json([
          ...authorities.map(({ keyId, publicKey: { modulus, exponent } }) => {
            return { keyId, modulus: hex(modulus), exponent: hex(exponent) };
          }),
          { keyId: draftAuthority.keyId, point: hex(draftAuthority.publicKey.point) },
        ]);
      })
      .delete("/sessions/:session", (context) => {
        reader.disconnect(context.req.param("session"));
        return context.body(null, 204);
      })
  );
}
