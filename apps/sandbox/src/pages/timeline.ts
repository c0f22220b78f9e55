import { html } from "hono/html";
import { type TimelineEntry, timelineOf } from "../people/timeline.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout } from "./layout.ts";
import { personHead } from "./person-head.ts";
import { whatChanged } from "./what-changed.ts";

/** A resident's life as far as it matters here, newest first: what is planned, what happened, and what each event changed. */
export function timelinePage(world: World, reader: Reader, resident: Resident): Html {
  const { say } = reader;
  const title = say("できごと", "Timeline");
  return layout(reader, {
    title: `${title} - ${resident.name}`,
    section: "residents",
    body: html`
      ${personHead(reader, resident, "timeline")}
      <h2>${title}</h2>
      <ol class="timeline">
        ${timelineOf(world, resident)
          .reverse()
          .map((entry) => item(world, reader, entry))}
      </ol>
    `,
  });
}

function item(world: World, reader: Reader, entry: TimelineEntry): Html {
  const { say, moment, language } = reader;
  const states = {
    done: undefined,
    pending: { text: say("予定", "Planned"), chip: "planned" },
    failed: { text: say("できませんでした", "Did not happen"), chip: "revoked" },
    cancelled: { text: say("取り消し", "Cancelled"), chip: "none" },
  };
  const state = states[entry.state];
  const { changes, issued, revoked, pins, told, child, failure } = entry;
  const hasDetails =
    Object.keys(changes).length + issued.length + revoked.length + pins.length + told.length > 0 || child || failure;
  return html`<li class="${entry.state}">
    <time datetime="${entry.at}">${moment(new Date(entry.at))}</time>
    <p><strong>${entry.title[language]}</strong> ${state ? html`<span class="chip ${state.chip}">${state.text}</span>` : ""}</p>
    ${entry.input.certificates ? html`<p class="code">${entry.input.certificates}</p>` : ""}
    ${
      hasDetails
        ? html`<details><summary>${say("変わったこと", "What changed")}</summary>${whatChanged(world, reader, entry)}</details>`
        : ""
    }
  </li>`;
}
