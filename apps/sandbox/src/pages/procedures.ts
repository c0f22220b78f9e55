import { html } from "hono/html";
import { dayInJapan } from "../calendar.ts";
import { SandboxError, type SandboxErrorCode } from "../error.ts";
import type { Field, LifeEventDefinition } from "../people/events/life-event.ts";
import { situationOf } from "../people/happen.ts";
import { lifeEvents } from "../people/life-events.ts";
import type { Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { placeSuggestions } from "./place-suggestions.ts";
import { errorWords } from "./words.ts";

const dangerous = ["revoke", "death", "theft", "return-card"];

/** In the order of a city office's counters; what the table has beyond them comes last. */
const counters = [
  {
    ja: "住所・氏名",
    en: "Address and name",
    types: ["move", "move-abroad", "return", "marriage", "name-change", "correction"],
  },
  {
    ja: "電子証明書",
    en: "Certificates",
    types: ["reissue-signature", "renew", "reissue-certificates", "revoke", "record-error"],
  },
  {
    ja: "カードと暗証番号",
    en: "Card and passwords",
    types: [
      "card-issue",
      "new-card",
      "reset-pins",
      "lose-card",
      "find-card",
      "theft",
      "return-card",
      "my-number-change",
    ],
  },
  { ja: "スマートフォン", en: "Phone", types: ["get-phone", "change-phone", "lose-phone"] },
  { ja: "出生・死亡", en: "Birth and death", types: ["birth", "death"] },
];

/** What a visitor has typed into the form of one event. */
export type TypedEvent = Record<string, string>;

/** The counter: what can be done for a resident, made of the table of events. */
export function proceduresSection(world: World, reader: Reader, resident: Resident, typed: TypedEvent = {}): Html {
  const { say, language } = reader;
  const known = counters.flatMap(({ types }) => types);
  const others = lifeEvents.map(({ type }) => type).filter((type) => !known.includes(type));
  const groups = others.length > 0 ? [...counters, { ja: "その他", en: "Other", types: others }] : counters;
  return html`<section class="panel" id="procedures">
    <h2>${say("窓口の手続き", "At the counter")}</h2>
    ${placeSuggestions()}
    ${groups.map(({ types, ...name }) => {
      const events = types.flatMap((type) => lifeEvents.filter((event) => event.type === type));
      return html`<h3 class="counter-name">${name[language]}</h3>
        <div class="accordion">${events.map((event) => procedure(world, reader, resident, event, typed))}</div>`;
    })}
  </section>`;
}

function procedure(
  world: World,
  reader: Reader,
  resident: Resident,
  event: LifeEventDefinition,
  typed: TypedEvent,
): Html {
  const { say, language } = reader;
  const { type, about, fields } = event;
  const obstacle = obstacleTo(world, resident, event);
  const values = typed.type === type ? typed : {};
  const laterDay = dayInJapan(new Date(world.clock().getTime() + 86_400_000));
  return html`<details class="procedure ${obstacle ? "impossible" : ""}" name="procedure" ${typed.type === type ? html`open` : ""}>
    <summary><strong>${event[language]}</strong>
      ${obstacle ? html`<span class="chip none">${say("今はできません", "Not possible now")}</span>` : ""}</summary>
    <form method="post" action="/people/${resident.id}/events">
      <input type="hidden" name="type" value="${type}">
      <p class="about">${about[language]}</p>
      ${obstacle ? html`<p class="reason">${errorWords(obstacle)[language]}</p>` : ""}
      ${Object.entries(fields).map(([name, field]) => input(reader, `${type}-${name}`, name, field, values[name]))}
      <p class="field">
        <label for="${type}-at">${say("いつ", "When")}</label>
        <input id="${type}-at" name="at" type="date" min="${laterDay}" value="${values.at ?? ""}" aria-describedby="${type}-at-hint">
        <small id="${type}-at-hint">${say(
          "空欄なら今すぐ。先の日付なら予定に入り、時計がその日になると起こります。",
          "Empty: at once. A later day plans it, and it happens when the clock gets there.",
        )}</small>
      </p>
      <button type="submit" class="act ${dangerous.includes(type) ? "danger" : ""}">${say("手続きする", "Do it")}</button>
    </form>
  </details>`;
}

/** Codes that tell of what is typed, not of the resident: there is no obstacle before it is typed. */
const ofInput: SandboxErrorCode[] = [
  "SAME_ADDRESS",
  "NOTHING_CHANGES",
  "NAME_UNSUITABLE",
  "BIRTHDATE_UNSUITABLE",
  "ADDRESS_UNSUITABLE",
];

/** Why an event can't happen to this resident now, whatever is typed. */
function obstacleTo(world: World, resident: Resident, event: LifeEventDefinition): SandboxErrorCode | undefined {
  try {
    event.decide(situationOf(world, resident, world.clock()), {});
    return undefined;
  } catch (error) {
    if (!(error instanceof SandboxError)) {
      // An event looks at the resident first, and then trips over what is required of it and not typed yet.
      if (Object.values(event.fields).some(isRequired)) return undefined;
      throw error;
    }
    return ofInput.includes(error.code) ? undefined : error.code;
  }
}

function isRequired({ schema }: Field): boolean {
  return !schema.safeParse(undefined).success;
}

function input({ say, language }: Reader, id: string, name: string, field: Field, typed = ""): Html {
  const { choices, hint } = field;
  const described = hint ? html`aria-describedby="${id}-hint"` : "";
  const chosen = (value: string) => (value === typed ? html`selected` : "");
  return html`<p class="field">
    <label for="${id}">${field[language]}</label>
    ${
      choices
        ? html`<select id="${id}" name="${name}" ${described}>
            ${isRequired(field) ? "" : html`<option value="">${say("自動", "Chosen for you")}</option>`}
            ${Object.entries(choices).map(([value, words]) => html`<option value="${value}" ${chosen(value)}>${words[language]}</option>`)}
          </select>`
        : html`<input id="${id}" name="${name}" autocomplete="off" maxlength="200" ${described}
            ${field.secret ? "" : html`value="${typed}"`}
            ${field.input === "address" ? html`list="places"` : ""} ${field.input === "date" ? html`type="date"` : ""}
            ${isRequired(field) ? html`required` : ""}>`
    }
    ${hint ? html`<small id="${id}-hint">${hint[language]}</small>` : ""}
  </p>`;
}
