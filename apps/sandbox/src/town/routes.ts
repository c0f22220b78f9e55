import { Hono } from "hono";
import { stream } from "hono/streaming";
import { z } from "zod";
import { SandboxError } from "../error.ts";
import { readJson } from "../http/json-body.ts";
import { fullWidth } from "../people/full-width.ts";
import { findTown } from "../store/town.ts";
import type { World } from "../world.ts";
import { countRevokedOfTown, foundTown, type RevokedCounts, TownRequest } from "./found.ts";
import { townResidentId, townResidentNumber } from "./resident-id.ts";
import type { Town, TownResident } from "./town.ts";

const largestPage = 100;
const Search = z.object({
  /** Part of the name or of its reading. */
  name: z.string().max(60).optional(),
  /** Id of the last resident of the page before. */
  after: z.string().max(20).optional(),
  limit: z.coerce.number().int().min(1).max(largestPage).default(30),
});

/** The town as the interface shows it. */
export type PresentedTown = {
  seed: number;
  residents: number;
  foundedOn: string;
  /** First and last serial number of the town, in hexadecimal; the same for both kinds. */
  serials: [string, string];
};

/** A resident of the town as the interface lists them: nothing of them has been made yet. */
export type ListedResident = TownResident & { id: string };

/** /api/town: the town, its founding, and its residents page by page. */
export function townRoutes(world: World): Hono {
  return new Hono()
    .get("/", (context) => context.json(presentTown(townOf(world))))
    .post("/", async (context) => {
      const request = await readJson(context, TownRequest);
      const isNew = findTown(world.database) === undefined;
      const town = foundTown(world, request);
      world.log("info", "town", { residents: town.plan.residents, seed: town.plan.seed });
      context.header("content-type", "application/x-ndjson");
      context.status(isNew ? 201 : 200);
      return stream(context, async (output) => {
        const write = (line: object) => output.write(`${JSON.stringify(line)}\n`);
        await write({ town: presentTown(town) });
        let revoked: RevokedCounts | undefined;
        for (const counting = countRevokedOfTown(world, town); !output.aborted && revoked === undefined; ) {
          const { done, value } = await counting.next();
          if (done) revoked = value;
          else await write({ counted: value });
        }
        if (revoked) await write({ revoked });
      });
    })
    .get("/residents", (context) => {
      const { data } = Search.safeParse(context.req.query());
      if (!data) throw new SandboxError("MALFORMED", `name, after and limit (1 to ${largestPage})`);
      return context.json(listResidentsOfTown(townOf(world), data));
    });
}

/** One page, and what to ask for the next one; without `next` there is none. */
export function listResidentsOfTown(town: Town, { name, after, limit }: z.output<typeof Search>) {
  const from = after === undefined ? -1 : townResidentNumber(town, after);
  if (from === undefined) throw new SandboxError("PERSON_NOT_FOUND", "there is no such resident in the town");
  const numbers = town.find(fullWidth(name ?? ""), from, limit + 1);
  const residents: ListedResident[] = numbers
    .slice(0, limit)
    .map((number) => ({ id: townResidentId(number), ...town.resident(number) }));
  return { residents, ...(numbers.length > limit ? { next: residents.at(-1)!.id } : {}) };
}

function townOf({ database }: World): Town {
  const town = findTown(database);
  if (!town) throw new SandboxError("NOT_FOUND", "this world has no town");
  return town;
}

function presentTown({ plan, serials }: Town): PresentedTown {
  const { seed, residents, foundedOn, firstSerial } = plan;
  const hex = (serial: number) => serial.toString(16).padStart(8, "0");
  return { seed, residents, foundedOn, serials: [hex(firstSerial), hex(firstSerial + serials - 1)] };
}
