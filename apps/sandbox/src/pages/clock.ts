import { html } from "hono/html";
import { dayInJapan } from "../calendar.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";

export type ClockPageOptions = { done?: boolean; failure?: { ja: string; en: string } };

/** The time in the simulated Japan, and ways to move it forward. */
export function clockPage(world: World, reader: Reader, { done = false, failure }: ClockPageOptions): Html {
  const { say, language, moment } = reader;
  const now = world.clock();
  const ahead = world.sandboxClock.ahead > 0;
  const steps = [
    { by: "P1D", text: say("1日", "One day") },
    { by: "P7D", text: say("1週間", "One week") },
    { by: "P1M", text: say("1か月", "One month") },
    { by: "P3M", text: say("3か月", "Three months") },
    { by: "P1Y", text: say("1年", "One year") },
    { by: "P5Y", text: say("5年", "Five years") },
  ];
  return layout(reader, {
    title: say("時計", "Clock"),
    section: "clock",
    body: html`
      ${failure ? notice("failure", failure[language]) : ""}
      ${done ? notice("success", say("時計を進めました", "The clock was moved")) : ""}
      <h1>${say("模擬環境の時計", "The sandbox's clock")}</h1>
      <p class="lead">${say(
        "時計を進めると、電子証明書の期限が切れ、予定された出来事が日付の順に起こります。戻すことはできません。",
        "Move it forward and certificates expire, and what is scheduled happens in the order of its dates. It never goes back.",
      )}</p>
      <section class="panel">
        <h2><time datetime="${now.toISOString()}">${moment(now)}</time></h2>
        <p>${
          ahead
            ? say("実際の時刻より進んでいます。", "It is ahead of the real time.")
            : say("実際の時刻と同じです。", "It shows the real time.")
        }</p>
        <div class="procedures">
          <form class="procedure" method="post" action="/clock">
            <p class="field"><label for="by">${say("どれだけ進めるか", "How far")}</label>
              <select id="by" name="by">${steps.map(({ by, text }) => html`<option value="${by}">${text}</option>`)}</select></p>
            <button type="submit" class="act secondary">${say("進める", "Move forward")}</button>
          </form>
          <form class="procedure" method="post" action="/clock">
            <p class="field"><label for="to">${say("どの日まで進めるか", "To which day")}</label>
              <input id="to" name="to" type="date" required min="${dayInJapan(new Date(now.getTime() + 86_400_000))}"></p>
            <button type="submit" class="act secondary">${say("その日にする", "Move to it")}</button>
          </form>
        </div>
      </section>
    `,
  });
}
