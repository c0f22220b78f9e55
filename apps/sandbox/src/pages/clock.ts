import { html } from "hono/html";
import { dayInJapan, dayLength } from "../calendar.ts";
import { type Foreseen, foresee } from "../clock/foresee.ts";
import { kindWords } from "../people/certificate-words.ts";
import { titleOf } from "../people/timeline.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";

export type ClockPageOptions = {
  done?: boolean;
  failure?: { ja: string; en: string };
  /** Where the reader wants to move it: shown with what will happen, to be confirmed. */
  to?: Date;
};

/** The time in the simulated Japan, and ways to move it forward. */
export function clockPage(world: World, reader: Reader, { done = false, failure, to }: ClockPageOptions): Html {
  const { say, language, moment } = reader;
  const now = world.clock();
  return layout(reader, {
    title: say("時計", "Clock"),
    section: "clock",
    body: html`
      ${failure ? notice("failure", failure[language]) : ""}
      ${done ? notice("success", say("時計を進めました", "The clock was moved")) : ""}
      <h1>${say("模擬環境の時計", "The sandbox's clock")}</h1>
      <p class="lead">${say(
        "時計を進めると、電子証明書の期限が切れ、予定された出来事が日付の順に起こります。戻すことはできません。",
        "Move it forward and certificates expire, and what is planned happens in the order of its dates. It never goes back.",
      )}</p>
      <section class="panel now">
        <h2><time datetime="${now.toISOString()}">${moment(now)}</time></h2>
        <p>${
          world.sandboxClock.ahead > 0
            ? say("実際の時刻より進んでいます。", "It is ahead of the real time.")
            : say("実際の時刻と同じです。", "It shows the real time.")
        }</p>
      </section>
      ${to ? confirmation(world, reader, to) : html`${choices(reader, now)}${plannedSection(world, reader)}`}
    `,
  });
}

function choices({ say }: Reader, now: Date): Html {
  const steps = [
    { by: "P1D", text: say("1日", "One day") },
    { by: "P7D", text: say("1週間", "One week") },
    { by: "P1M", text: say("1か月", "One month") },
    { by: "P3M", text: say("3か月", "Three months") },
    { by: "P1Y", text: say("1年", "One year") },
    { by: "P5Y", text: say("5年", "Five years") },
  ];
  return html`<section class="panel">
    <h2>${say("時計を進める", "Move it forward")}</h2>
    <form method="get" action="/clock">
      <p class="field-title" id="by">${say("どれだけ進めるか", "How far")}</p>
      <p class="steps" role="group" aria-labelledby="by">
        ${steps.map(({ by, text }) => html`<button type="submit" class="secondary" name="by" value="${by}">${text}</button>`)}
      </p>
    </form>
    <form method="get" action="/clock" class="to-day">
      <p class="field"><label for="to">${say("どの日まで進めるか", "To which day")}</label>
        <input id="to" name="to" type="date" required min="${dayInJapan(new Date(now.getTime() + dayLength))}"></p>
      <button type="submit" class="secondary">${say("この日まで", "To that day")}</button>
    </form>
    <p class="hint">${say("次の画面で、それまでに起こることを確かめてから進めます。", "What will happen until then is shown first, to be confirmed.")}</p>
  </section>`;
}

function confirmation(world: World, reader: Reader, to: Date): Html {
  const { say, language, moment, day } = reader;
  const { events, certificates, counts } = foresee(world, to);
  return html`<section class="panel confirm" aria-labelledby="confirm">
    <h2 id="confirm">${say(`${moment(to)}まで進めますか`, `Move the clock to ${moment(to)}?`)}</h2>
    <p>${say("それまでに次のことが起こります。元に戻すことはできません。", "This will happen on the way. It can't be undone.")}</p>
    <h3>${say("予定された出来事", "Planned events")} <small>${counts.events}${say("件", "")}</small></h3>
    ${plannedEvents(reader, events, counts.events)}
    <h3>${say("期限の切れる電子証明書", "Certificates that expire")} <small>${counts.certificates}${say("件", "")}</small></h3>
    ${
      certificates.length === 0
        ? html`<p>${say("ありません。", "None.")}</p>`
        : html`<ul class="foreseen">
            ${certificates.map((one) => html`<li>${day(one.notAfter)} ${who(one)} <strong>${kindWords[one.kind][language]}</strong></li>`)}
            ${more(reader, counts.certificates, certificates.length)}
          </ul>`
    }
    <form method="post" action="/clock" class="decide">
      <input type="hidden" name="to" value="${to.toISOString()}">
      <button type="submit">${say("進める", "Move the clock")}</button>
      <a class="button secondary" href="/clock">${say("やめる", "Cancel")}</a>
    </form>
  </section>`;
}

/** Everybody's planned events, of which some may be too far away for the clock. */
function plannedSection(world: World, reader: Reader): Html {
  const { say } = reader;
  const { events, counts } = foresee(world, new Date(8.64e15));
  return html`<section class="panel upcoming">
    <h2>${say("予定されている出来事", "Planned events")} <small>${counts.events}${say("件", "")}</small></h2>
    ${plannedEvents(reader, events, counts.events)}
  </section>`;
}

function plannedEvents(reader: Reader, events: Foreseen["events"], count: number): Html {
  const { say, language, moment } = reader;
  if (events.length === 0) return html`<p>${say("ありません。", "None.")}</p>`;
  return html`<ul class="foreseen">
    ${events.map((event) => html`<li>${moment(event.at)} ${who(event)} <strong>${titleOf(event.type)[language]}</strong></li>`)}
    ${more(reader, count, events.length)}
  </ul>`;
}

function who({ personId, name }: { personId: string; name: string }): Html {
  return html`<a href="/people/${personId}/timeline" lang="ja">${name}</a>`;
}

function more({ say }: Reader, count: number, shown: number): Html | string {
  return count > shown ? html`<li>${say(`ほか${count - shown}件`, `and ${count - shown} more`)}</li>` : "";
}
