import { Hono } from "hono";
import { readJson } from "../http/json-body.ts";
import { presentSession } from "../reader/present-log.ts";
import { findResident, listResidents } from "../store/people.ts";
import type { World } from "../world.ts";
import { LifeEvent, lifeEvents } from "./life-events.ts";
import { personas } from "./personas.ts";
import { presentPerson } from "./present.ts";
import { presentDefinition } from "./present-definition.ts";
import { RegistrationRequest, registerResident } from "./register.ts";
import { registerFile } from "./register-file.ts";
import { timelineOf } from "./timeline.ts";

/** /api: residents and what happens to them. */
export function peopleRoutes(world: World): Hono {
  return new Hono()
    .get("/personas", (context) => context.json(personas.map(({ id, ja, en }) => ({ id, ja, en }))))
    .get("/event-types", (context) => context.json(lifeEvents.map(presentDefinition)))
    .get("/people", (context) =>
      context.json(listResidents(world.database).map((resident) => presentPerson(world, resident))),
    )
    .post("/people", async (context) => {
      const resident = await registerResident(world, await readJson(context, RegistrationRequest));
      world.log("info", "registered", { person: resident.id, persona: resident.persona });
      return context.json(presentPerson(world, resident), 201);
    })
    .post("/people/file", async (context) => {
      const residents = await registerFile(world, await context.req.text());
      world.log("info", "registered from a file", { residents: residents.length });
      return context.json(
        residents.map((resident) => presentPerson(world, resident)),
        201,
      );
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
      const id = context.req.param("id");
      const came = await world.schedule.enter(id, event);
      world.log("info", "life event", { person: id, type: event.type });
      const person = presentPerson(world, findResident(world.database, id));
      return context.json(person, came === "planned" ? 202 : 200);
    })
    .get("/people/:id/timeline", (context) =>
      context.json(timelineOf(world, findResident(world.database, context.req.param("id")))),
    )
    .delete("/people/:id/events/:event{[0-9]{1,15}}", (context) => {
      world.schedule.cancel(context.req.param("id"), Number(context.req.param("event")));
      return context.body(null, 204);
    });
}
