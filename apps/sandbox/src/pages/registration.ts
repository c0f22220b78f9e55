import { html } from "hono/html";
import { type Persona, personas } from "../people/personas.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";
import { placeSuggestions } from "./place-suggestions.ts";
import { genderWords } from "./words.ts";

/** What the visitor has filled in, to be shown again after a failure. */
export type Filled = Partial<Record<"persona" | "name" | "kana" | "birthdate" | "gender" | "address", string>>;

/** The form for a new resident. */
export function registrationPage(reader: Reader, filled: Filled, failure?: { ja: string; en: string }): Html {
  const { say, language } = reader;
  const chosen = filled.persona ?? "default";
  const field = (
    name: keyof Filled,
    label: string,
    hint: string,
    attributes: Html | string = "",
  ) => html`<p class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" value="${filled[name] ?? ""}" autocomplete="off" aria-describedby="${name}-hint" ${attributes}>
    <small id="${name}-hint">${hint}</small>
  </p>`;
  const { persona: _, ...details } = filled;
  return layout(reader, {
    title: say("住民を登録", "Register a resident"),
    section: "registration",
    body: html`
      <h1>${say("住民を登録", "Register a resident")}</h1>
      <p class="lead">${say(
        "確かめたい場面に合った住民を選んでください。カードと電子証明書もすぐに発行されます。",
        "Choose the resident for the case that you want to see. Card and certificates are issued at once.",
      )}</p>
      ${failure ? notice("failure", failure[language]) : ""}
      <form method="post" action="/people">
        <fieldset class="personas">
          <legend>${say("住民の種類", "Kind of resident")}</legend>
          ${personas.map((persona) => option(reader, persona, persona.id === chosen))}
        </fieldset>
        <details class="more" ${Object.values(details).some(Boolean) ? html`open` : ""}>
          <summary>${say("氏名や住所を自分で決める（任意）", "Choose name and address yourself (optional)")}</summary>
          <div class="fields">
            ${field("name", say("氏名", "Name"), say("例：山田　花子", "Such as 山田　花子"), html`maxlength="120"`)}
            ${field("kana", say("フリガナ", "Reading"), say("例：ヤマダ　ハナコ", "Such as ヤマダ　ハナコ"), html`maxlength="120"`)}
            ${field("birthdate", say("生年月日", "Birth date"), say("空欄なら自動で決まります。", "Left empty, one is chosen."), html`type="date" min="1900-01-01"`)}
            <p class="field">
              <label for="gender">${say("性別", "Sex")}</label>
              <select id="gender" name="gender">
                <option value="">${say("自動", "Chosen for you")}</option>
                ${(["female", "male", "unknown"] as const).map(
                  (gender) =>
                    html`<option value="${gender}" ${filled.gender === gender ? html`selected` : ""}>${genderWords[gender][language]}</option>`,
                )}
              </select>
            </p>
            ${field(
              "address",
              say("住所", "Address"),
              say(
                "「高松市」のように市区町村名だけでもかまいません。",
                "The name of a municipality in Japanese is enough.",
              ),
              html`list="places" maxlength="200"`,
            )}
          </div>
          ${placeSuggestions()}
        </details>
        <button class="submit" type="submit">${say("登録してカードを交付する", "Register and issue a card")}</button>
      </form>
    `,
  });
}

function option({ language }: Reader, { id, ja, en, about }: Persona, checked: boolean): Html {
  return html`<label class="persona-option">
    <input type="radio" name="persona" value="${id}" ${checked ? html`checked` : ""}>
    <span><strong>${language === "ja" ? ja : en}</strong> <code>${id}</code><small>${about[language]}</small></span>
  </label>`;
}
