import { html } from "hono/html";
import type { Field, LifeEventDefinition } from "../people/events/life-event.ts";
import { lifeEvents } from "../people/life-events.ts";
import type { Resident } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { placeSuggestions } from "./place-suggestions.ts";

const dangerous = ["revoke", "death", "theft", "return-card"];

/** The counter: what can be done for a resident, made of the table of events. */
export function proceduresSection(reader: Reader, { id }: Resident): Html {
  const { say } = reader;
  return html`<section class="panel" id="procedures">
    <h2>${say("窓口の手続き", "At the counter")}</h2>
    ${placeSuggestions()}
    <div class="procedures">${lifeEvents.map((event) => procedure(reader, id, event))}</div>
  </section>`;
}

function procedure(reader: Reader, id: string, event: LifeEventDefinition): Html {
  const { say, language } = reader;
  const { type, about, fields } = event;
  return html`<form class="procedure" method="post" action="/people/${id}/events">
    <input type="hidden" name="type" value="${type}">
    <div class="about"><h3>${event[language]}</h3><p>${about[language]}</p></div>
    ${Object.entries(fields).map(([name, field]) => input(reader, `${type}-${name}`, name, field))}
    <button type="submit" class="act ${dangerous.includes(type) ? "danger" : "secondary"}">${say("手続きする", "Do it")}</button>
  </form>`;
}

function input({ say, language }: Reader, id: string, name: string, field: Field): Html {
  const required = !field.schema.safeParse(undefined).success;
  const { choices, hint } = field;
  const described = hint ? html`aria-describedby="${id}-hint"` : "";
  return html`<p class="field">
    <label for="${id}">${field[language]}</label>
    ${
      choices
        ? html`<select id="${id}" name="${name}" ${described}>
            ${required ? "" : html`<option value="">${say("自動", "Chosen for you")}</option>`}
            ${Object.entries(choices).map(([value, words]) => html`<option value="${value}">${words[language]}</option>`)}
          </select>`
        : html`<input id="${id}" name="${name}" autocomplete="off" maxlength="200" ${described}
            ${field.input === "address" ? html`list="places"` : ""} ${field.input === "date" ? html`type="date"` : ""}
            ${required ? html`required` : ""}>`
    }
    ${hint ? html`<small id="${id}-hint">${hint[language]}</small>` : ""}
  </p>`;
}
