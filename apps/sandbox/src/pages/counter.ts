import { html } from "hono/html";
import { type TimelineEntry, timelineOf } from "../people/timeline.ts";
import { certificatesOfPerson } from "../store/certificates.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import { certificatesSection } from "./certificates.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";
import { personHead } from "./person-head.ts";
import { proceduresSection, type TypedEvent } from "./procedures.ts";
import { whatChanged } from "./what-changed.ts";

export type CounterPageOptions = {
  /** Number of the event that has just happened or was planned. */
  event?: number | undefined;
  /** What went wrong instead, and what was typed. */
  failure?: { ja: string; en: string };
  typed?: TypedEvent;
};

/** The clerk's place: what can be done for a resident, and at once what it has changed. */
export function counterPage(world: World, reader: Reader, resident: Resident, options: CounterPageOptions): Html {
  const { say, language } = reader;
  const timeline = timelineOf(world, resident);
  const done = options.event === undefined ? undefined : timeline.find(({ id }) => id === options.event);
  const planned = timeline.filter(({ state }) => state === "pending");
  return layout(reader, {
    title: `${say("窓口", "Counter")} - ${resident.name}`,
    section: "residents",
    body: html`
      ${personHead(reader, resident, "counter")}
      ${options.failure ? notice("failure", options.failure[language]) : ""}
      ${done ? result(world, reader, done) : ""}
      <div class="columns even">
        <div class="column">${proceduresSection(world, reader, resident, options.typed)}</div>
        <div class="column">
          ${certificatesSection(reader, certificatesOfPerson(world.database, resident.id), world.clock())}
          ${planned.length === 0 ? "" : plannedSection(reader, resident, planned)}
        </div>
      </div>
    `,
  });
}

function result(world: World, reader: Reader, entry: TimelineEntry): Html | string {
  const { say, language, moment, second } = reader;
  const title = entry.title[language];
  if (entry.state === "pending") {
    return notice(
      "success",
      say("予定に入れました", "Planned"),
      say(`${moment(new Date(entry.at))}：${title}`, `${title}, ${moment(new Date(entry.at))}`),
    );
  }
  if (entry.state !== "done") return "";
  return html`<section class="panel event-result" aria-labelledby="result">
    ${notice("success", say(`「${title}」の手続きが終わりました`, `Done: ${title}`), second(new Date(entry.at)))}
    <h2 id="result">${say("変わったこと", "What changed")}</h2>
    ${whatChanged(world, reader, entry)}
  </section>`;
}

function plannedSection({ say, language, moment }: Reader, { id }: Resident, planned: TimelineEntry[]): Html {
  return html`<section class="panel">
    <h2>${say("予定", "Planned")}</h2>
    <ol class="history">
      ${planned.map(
        (entry) => html`<li>
          <time datetime="${entry.at}">${moment(new Date(entry.at))}</time>
          <p><strong>${entry.title[language]}</strong></p>
          <form method="post" action="/people/${id}/events/${entry.id}/cancel">
            <button type="submit" class="link" aria-label="${say(`${entry.title.ja}を取り消す`, `Cancel: ${entry.title.en}`)}">${say("取り消す", "Cancel")}</button>
          </form>
        </li>`,
      )}
    </ol>
    <p class="hint">${say("時計を進めると、日付の順に起こります。", "They happen in the order of their dates when the clock gets there.")} <a href="/clock">${say("時計へ", "To the clock")}</a></p>
  </section>`;
}
