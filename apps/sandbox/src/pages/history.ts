import { html } from "hono/html";
import { definitionOf } from "../people/life-events.ts";
import type { TimelineEntry } from "../people/timeline.ts";
import type { Resident } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { errorWords, kindWords, reasonWords } from "./words.ts";

/** What happened to a resident and what is planned, newest first. */
export function historySection(reader: Reader, { id }: Resident, events: TimelineEntry[]): Html {
  const { say, moment, language } = reader;
  const states = {
    done: undefined,
    pending: say("予定", "Planned"),
    failed: say("できませんでした", "Did not happen"),
    cancelled: say("取り消し", "Cancelled"),
  };
  return html`<section class="panel happened">
    <h2>${say("これまでの手続き", "History")}</h2>
    <ol class="history">
      ${events.map((event) => {
        const state = states[event.state];
        return html`<li>
          <time datetime="${event.at}">${moment(new Date(event.at))}</time>
          <p><strong>${event.title[language]}${state ? html` <span class="chip none">${state}</span>` : ""}</strong>
            ${details(reader, event).map((line) => html`<span lang="ja">${line}</span>`)}</p>
          ${
            event.state === "pending"
              ? html`<form method="post" action="/people/${id}/events/${event.id}/cancel">
                  <button type="submit" class="link">${say("取り消す", "Cancel")}</button></form>`
              : ""
          }
        </li>`;
      })}
    </ol>
  </section>`;
}

function details({ language }: Reader, { changes, revoked, issued, failure }: TimelineEntry): string[] {
  const changed = ["name", "address", "birthdate"].flatMap((field) => {
    const change = changes[field];
    return change ? [`${change.from} → ${change.to}`] : [];
  });
  const ended = revoked.map(
    ({ kind, serial, reason }) => `${kindWords[kind][language]} ${serial}（${reasonWords[reason]?.[language]}）`,
  );
  const added = issued.map(({ kind, serial }) => `＋ ${kindWords[kind][language]} ${serial}`);
  return [...changed, ...ended, ...added, ...(failure ? [errorWords(failure.code)[language]] : [])];
}

/** What to tell right after an event; nothing when something else has happened since. */
export function outcome({ say, language, moment }: Reader, type: string, events: TimelineEntry[]) {
  if (type === "planned") {
    const planned = events.filter(({ state }) => state === "pending").sort((a, b) => (b.id ?? 0) - (a.id ?? 0))[0];
    if (!planned) return undefined;
    return {
      title: say("予定に入れました", "Planned"),
      text: `${moment(new Date(planned.at))} ${planned.title[language]}`,
    };
  }
  const event = events.find(({ state, id }) => state === "done" && id !== null);
  if (!event || event.type !== type) return undefined;
  const { ja, en } = definitionOf(type);
  const ended = event.revoked.some(({ kind }) => kind === "signature") && event.issued.length === 0;
  return {
    title: say(`「${ja}」の手続きが終わりました`, `Done: ${en}`),
    text: [
      event.changes.address
        ? say(`新しい住所：${event.changes.address.to}。`, `New address: ${event.changes.address.to}.`)
        : "",
      ended
        ? say(
            "署名用電子証明書は失効し、OCSPとCRLにすでに反映されています。",
            "The signature certificate is revoked; OCSP and CRL say so already.",
          )
        : "",
    ].join(" "),
  };
}
