import { html } from "hono/html";
import { personas } from "../people/personas.ts";
import type { Resident } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { cardStandingWords, standingWords } from "./words.ts";

/** Whose page this is, and the ways between the pages of one resident. */
export function personHead(
  reader: Reader,
  resident: Resident,
  current: "card" | "counter" | "timeline" | "card-log",
): Html {
  const { say, language } = reader;
  const { id, name, kana, cardNumber } = resident;
  const persona = personas.find((candidate) => candidate.id === resident.persona);
  const entries = [
    { id: "card", href: `/people/${id}`, text: say("カード", "Card") },
    { id: "counter", href: `/people/${id}/counter`, text: say("窓口", "Counter") },
    { id: "timeline", href: `/people/${id}/timeline`, text: say("できごと", "Timeline") },
    { id: "card-log", href: `/people/${id}/card-log`, text: say("通信記録", "Card log") },
  ];
  return html`<p class="back"><a href="/">${say("住民一覧", "Residents")}</a></p>
    <div class="person-head">
      <h1><span lang="ja">${name}</span>
        ${standingChips(reader, resident)}</h1>
      <p class="kana" lang="ja">${kana}</p>
      ${
        // Who was born in the simulation was not registered as anything.
        cardNumber === 0
          ? ""
          : html`<p class="persona-note"><strong>${say("登録時の設定：", "Registered as: ")}${persona?.[language]}</strong> ${persona?.about[language]}</p>`
      }
    </div>
    <nav class="tabs" aria-label="${say("この住民のページ", "Pages of this resident")}">
      <ul>
        ${entries.map(
          (entry) =>
            html`<li><a href="${entry.href}" ${entry.id === current ? html`aria-current="page"` : ""}>${entry.text}</a></li>`,
        )}
      </ul>
    </nav>`;
}

/** What is out of the ordinary about a person's registration or card; nothing for most. */
export function standingChips({ language, say }: Reader, { standing, card }: Resident): Html {
  return html`${
    standing === "resident"
      ? ""
      : html`<span class="chip ${standing === "deceased" ? "revoked" : "planned"}">${standingWords[standing][language]}</span> `
  }${
    card === "suspended" || card === "void"
      ? html`<span class="chip revoked">${say("カード：", "Card: ")}${cardStandingWords[card][language]}</span>`
      : ""
  }`;
}
