import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { parseSerial } from "../ca/certificate.ts";
import { kinds } from "../ca/kind.ts";
import { ClockMove, destinationOf, moveClock } from "../clock/routes.ts";
import { SandboxError, type SandboxErrorCode } from "../error.ts";
import { FaultRequest } from "../faults/fault.ts";
import { clearFaults, FaultSelection, setFault } from "../faults/routes.ts";
import { onlyFromOwnPages } from "../http/origin.ts";
import { exposeError, statusOf } from "../http/problem.ts";
import { LifeEvent } from "../people/life-events.ts";
import { RegistrationRequest, registerResident } from "../people/register.ts";
import { findCertificate } from "../store/certificates.ts";
import { latestLifeEvent } from "../store/life-events.ts";
import { findResident } from "../store/people.ts";
import { foundTown, TownRequest } from "../town/found.ts";
import { settle } from "../town/settle.ts";
import type { World } from "../world.ts";
import { authoritiesPage } from "./authorities.ts";
import { portraitCount } from "./card-face.ts";
import { cardLogPage } from "./card-log.ts";
import { clockPage } from "./clock.ts";
import { counterPage } from "./counter.ts";
import { faultsPage } from "./faults.ts";
import { readerOf, type Surroundings } from "./language.ts";
import { layout, notice } from "./layout.ts";
import { type Filled, registrationPage } from "./registration.ts";
import { residentPage } from "./resident.ts";
import { residentsPage } from "./residents.ts";
import { timelinePage } from "./timeline.ts";
import { townPage } from "./town.ts";
import { errorWords } from "./words.ts";

const asset = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");

const stylesheets = ["style.css", "card-face.css", "counter.css", "card-log.css"];

/** The city office, for people. Pages work without scripts, and forms are taken from our own pages only. */
export function pageRoutes(world: World): Hono {
  const { database } = world;
  const routes = new Hono();
  const stylesheet = stylesheets.map(asset).join("\n");
  const icon = asset("icon.svg");
  routes.get("/style.css", (context) => context.body(stylesheet, 200, { "content-type": "text/css; charset=utf-8" }));
  routes.get("/icon.svg", (context) => context.body(icon, 200, { "content-type": "image/svg+xml" }));

  for (let number = 1; number <= portraitCount; number++) {
    const picture = readFileSync(join(import.meta.dirname, "portraits", `${number}.png`));
    routes.get(`/portraits/${number}.png`, (context) => context.body(picture, 200, { "content-type": "image/png" }));
  }

  const pages = new Hono<{ Variables: { surroundings: Surroundings } }>();
  pages.onError((error, context) => errorPage(context, exposeError(error, world.log).code));
  pages.use(async (context, next) => {
    const { sandboxClock, faults } = world;
    const kinds = faults.list().map(({ kind }) => kind);
    context.set("surroundings", { now: sandboxClock.now(), isAhead: sandboxClock.ahead > 0, faults: kinds });
    await next();
  });
  pages.use(onlyFromOwnPages());
  pages.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });

  pages.get("/", (context) => {
    const { q = "", page = "1" } = context.req.query();
    const query = { text: q.slice(0, 60), page: Number.parseInt(page, 10) || 1 };
    return context.html(residentsPage(world, readerOf(context), query));
  });
  pages.get("/authorities", (context) => context.html(authoritiesPage(world, readerOf(context))));
  pages.get("/clock", (context) => {
    const { done, by, to } = context.req.query();
    const reader = readerOf(context);
    if (by === undefined && to === undefined) return context.html(clockPage(world, reader, { done: done === "moved" }));
    try {
      return context.html(clockPage(world, reader, { to: destinationOf(world, parse(ClockMove, { by, to })) }));
    } catch (error) {
      const { code } = exposeError(error, world.log);
      return context.html(clockPage(world, reader, { failure: errorWords(code) }), statusOf[code]);
    }
  });
  pages.post("/clock", async (context) => {
    try {
      await moveClock(world, parse(ClockMove, await readForm(context)));
      return context.redirect("/clock?done=moved", 303);
    } catch (error) {
      const { code } = exposeError(error, world.log);
      return context.html(clockPage(world, readerOf(context), { failure: errorWords(code) }), statusOf[code]);
    }
  });
  pages.get("/town", (context) => {
    const search = { name: context.req.query("name") || undefined, after: context.req.query("after") };
    return context.html(townPage(world, readerOf(context), { search, done: context.req.query("done") !== undefined }));
  });
  pages.post("/town", async (context) => {
    const { residents, seed, foundedOn } = await readForm(context);
    try {
      foundTown(world, parse(TownRequest, { residents: Number(residents), seed: Number(seed ?? 0), foundedOn }));
      return context.redirect("/town?done=founded", 303);
    } catch (error) {
      const { code } = exposeError(error, world.log);
      const reader = readerOf(context, "/town");
      return context.html(townPage(world, reader, { failure: errorWords(code) }), statusOf[code]);
    }
  });
  pages.get("/faults", (context) =>
    context.html(faultsPage(world, readerOf(context), { done: context.req.query("done") })),
  );
  for (const [path, done, change] of [
    ["/faults", "set", (form: Form) => setFault(world, parse(FaultRequest, faultOf(form)))],
    ["/faults/clear", "cleared", (form: Form) => clearFaults(world, parse(FaultSelection, form))],
  ] as const) {
    pages.post(path, async (context) => {
      try {
        await change(await readForm(context));
        return context.redirect(`/faults?done=${done}`, 303);
      } catch (error) {
        const { code } = exposeError(error, world.log);
        const reader = readerOf(context, "/faults");
        return context.html(faultsPage(world, reader, { failure: errorWords(code) }), statusOf[code]);
      }
    });
  }
  pages.get("/people/new", (context) => context.html(registrationPage(readerOf(context), {})));
  pages.post("/people", async (context) => {
    const filled: Filled = await readForm(context);
    try {
      const { id, persona } = await registerResident(world, parse(RegistrationRequest, filled));
      world.log("info", "registered", { person: id, persona });
      return context.redirect(`/people/${id}?done=registered`, 303);
    } catch (error) {
      const { code } = exposeError(error, world.log);
      return context.html(registrationPage(readerOf(context, "/people/new"), filled, errorWords(code)), statusOf[code]);
    }
  });
  pages.get("/people/:id", (context) => {
    const resident = findResident(database, context.req.param("id"));
    return context.html(residentPage(world, readerOf(context), resident, { done: context.req.query("done") }));
  });
  pages.get("/people/:id/counter", (context) => {
    const resident = findResident(database, context.req.param("id"));
    const event = Number(context.req.query("event") ?? Number.NaN);
    return context.html(counterPage(world, readerOf(context), resident, { event }));
  });
  pages.post("/people/:id/events", async (context) => {
    const { id } = findResident(database, context.req.param("id"));
    const typed = await readForm(context);
    try {
      const event = parse(LifeEvent, typed);
      await world.schedule.enter(id, event);
      world.log("info", "life event", { person: id, type: event.type });
      return context.redirect(`/people/${id}/counter?event=${latestLifeEvent(database, id)}`, 303);
    } catch (error) {
      const { code } = exposeError(error, world.log);
      const reader = readerOf(context, `/people/${id}/counter`);
      const options = { failure: errorWords(code), typed };
      return context.html(counterPage(world, reader, findResident(database, id), options), statusOf[code]);
    }
  });
  pages.post("/people/:id/events/:event{[0-9]{1,15}}/cancel", (context) => {
    const id = context.req.param("id");
    world.schedule.cancel(id, Number(context.req.param("event")));
    return context.redirect(`/people/${id}/counter`, 303);
  });
  pages.get("/people/:id/timeline", (context) => {
    const resident = findResident(database, context.req.param("id"));
    return context.html(timelinePage(world, readerOf(context), resident));
  });
  pages.get("/people/:id/card-log", (context) => {
    const resident = findResident(database, context.req.param("id"));
    return context.html(cardLogPage(world, readerOf(context), resident));
  });
  pages.post("/people/:id/my-number", (context) => {
    const resident = findResident(database, context.req.param("id"));
    const reader = readerOf(context, `/people/${resident.id}`);
    return context.html(residentPage(world, reader, resident, { showMyNumber: true }));
  });
  for (const kind of kinds) {
    pages.get(`/certificates/${kind}/:file{[0-9a-f]+\\.cer}`, async (context) => {
      const serial = parseSerial(context.req.param("file").replace(".cer", ""));
      let certificate = serial === undefined ? undefined : findCertificate(database, kind, serial);
      if (certificate?.personId && !certificate.der) {
        await settle(world, certificate.personId);
        certificate = findCertificate(database, kind, certificate.serial);
      }
      if (!certificate?.der) throw new SandboxError("NOT_FOUND", "there is no such certificate");
      return context.body(Buffer.from(certificate.der), 200, { "content-type": "application/pkix-cert" });
    });
  }
  pages.get("/people", (context) => context.redirect("/", 302));
  pages.get("/people/:id/*", (context) => {
    const { id } = findResident(database, context.req.param("id"));
    return context.redirect(`/people/${id}`, 302);
  });
  pages.get("*", async (context, next) => {
    if (context.req.header("accept")?.includes("text/html")) throw new SandboxError("NOT_FOUND", "no such page");
    await next();
  });
  return routes.route("/", pages);
}

type Form = Record<string, string>;

/** A form's numbers and yes or no as the interface takes them. */
function faultOf({ seconds, apdu, count, expiresInSeconds, carriedOut, ...words }: Form): object {
  const numbers = Object.entries({ seconds, apdu, count, expiresInSeconds }).filter(([, text]) => text !== undefined);
  return {
    ...words,
    ...Object.fromEntries(numbers.map(([name, text]) => [name, Number(text)])),
    ...(carriedOut === "true" ? { carriedOut: true } : {}),
  };
}

/** Fields of a form as they were typed; empty ones are as good as absent. */
async function readForm(context: Context): Promise<Form> {
  const body = await context.req.parseBody();
  const fields = Object.entries(body).filter(
    (field): field is [string, string] => typeof field[1] === "string" && field[1] !== "",
  );
  return Object.fromEntries(fields);
}

function parse<T>(schema: { safeParse(value: unknown): { success: boolean; data?: T } }, value: unknown): T {
  const { data } = schema.safeParse(value);
  if (data === undefined) throw new SandboxError("MALFORMED", "the form is not in its form");
  return data;
}

function errorPage(context: Context, code: SandboxErrorCode) {
  const reader = readerOf(context);
  const { say, language } = reader;
  const title = errorWords(code)[language];
  const heading = say("ページを表示できません", "This page can't be shown");
  const body = html`<h1>${heading}</h1>${notice("failure", title)}<p class="back"><a href="/">${say("住民一覧へ", "To the residents")}</a></p>`;
  return context.html(layout(reader, { title, body }), statusOf[code]);
}
