import { html } from "hono/html";
import { timelineOf } from "../people/timeline.ts";
import { certificatesOfPerson } from "../store/certificates.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import { certificatesSection } from "./certificates.ts";
import { historySection, outcome } from "./history.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";
import { personHead } from "./person-head.ts";
import { proceduresSection } from "./procedures.ts";

export type CounterPageOptions = {
  /** The event that has just happened. */
  done?: string | undefined;
  /** What went wrong with it instead. */
  failure?: { ja: string; en: string };
};

/** The clerk's place: what can be done for a resident, what was, and what the certificates have become. */
export function counterPage(world: World, reader: Reader, resident: Resident, options: CounterPageOptions): Html {
  const { say, language } = reader;
  const events = timelineOf(world, resident).reverse();
  const done = options.done === undefined ? undefined : outcome(reader, options.done, events);
  return layout(reader, {
    title: `${say("窓口", "Counter")} - ${resident.name}`,
    section: "residents",
    body: html`
      ${personHead(reader, resident, "counter")}
      ${options.failure ? notice("failure", options.failure[language]) : ""}
      ${done ? notice("success", done.title, done.text) : ""}
      <div class="columns even">
        <div class="column">${proceduresSection(reader, resident)}</div>
        <div class="column">
          ${certificatesSection(reader, certificatesOfPerson(world.database, resident.id), world.clock())}
          ${historySection(reader, resident, events)}
        </div>
      </div>
    `,
  });
}
