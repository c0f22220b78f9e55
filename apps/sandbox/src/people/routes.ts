import { Hono } from "hono";
import { readJson } from "../http/json-body.ts";
import { presentSession } from "../reader/present-log.ts";
import { findResident, listResidents } from "../store/people.ts";
import type { World } from "../world.ts";
import { happen, LifeEvent } from "./life-events.ts";
import { personas } from "./personas.ts";
import { presentPerson } from "./present.ts";
import { RegistrationRequest, registerResident } from "./register.ts";

/** /api: residents and what happens to them. */
export function peopleRoutes(world: World): Hono {
  return new Hono()
    .get("/personas", (context) => context.json(personas.map(({ id, ja, en }) => ({ id, ja, en }))))
    .get("/people", (context) =>
      context.json(listResidents(world.database).map((resident) => presentPerson(world, resident))),
    )
    .post("/people", async (context) => {
      const resident = await registerResident(world, await readJson(context, RegistrationRequest));
      world.log("info", "registered", { person: resident.id, persona: resident.persona });
      return context.json(presentPerson(world, resident), 201);
    })
    .get("/people/:id", (context) =>
      context.json(presentPerson(world, findResident(world.database, context.req.param("id")))),
    )
    .get("/people/:id/apdu-log", (context) => {
      const { id } = findResident(world.database, context.req.param("id"));
      return context.json(world.reader.log.of(id).map(presentSession));
    })
    .post("/people/:id/events", async (context) => {
      const event = await readJson(context, LifeEvent);
      const resident = await happen(world, context.req.param("id"), event);
      world.log("info", "life event", { person: resident.id, type: event.type });
      return context.json(presentPerson(world, resident));
    });
}
