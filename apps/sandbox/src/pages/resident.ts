import { html } from "hono/html";
import { ageOn, dayInJapan } from "../calendar.ts";
import { presentPerson } from "../people/present.ts";
import { substituteCharacters } from "../people/substitute-characters.ts";
import { certificatesOfPerson } from "../store/certificates.ts";
import { lifeEventsOf, type Pins, type Resident, readMyNumber } from "../store/people.ts";
import type { World } from "../world.ts";
import { cardFace } from "./card-face.ts";
import { certificatesSection } from "./certificates.ts";
import { historySection, outcome } from "./history.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";
import { personHead } from "./person-head.ts";
import { proceduresSection } from "./procedures.ts";
import { genderWords, pinWords } from "./words.ts";

export type ResidentPageOptions = {
  /** The event that has just happened. */
  done?: string | undefined;
  /** What went wrong with it instead. */
  failure?: { ja: string; en: string };
  showMyNumber?: boolean;
};

/** One resident: the card, its passwords, its certificates, what can be done and what was. */
export function residentPage(world: World, reader: Reader, resident: Resident, options: ResidentPageOptions): Html {
  const { language } = reader;
  const events = lifeEventsOf(world.database, resident.id);
  const done = options.done === undefined ? undefined : outcome(reader, options.done, events);
  return layout(reader, {
    title: resident.name,
    section: "residents",
    body: html`
      ${personHead(reader, resident, "counter")}
      ${options.failure ? notice("failure", options.failure[language]) : ""}
      ${done ? notice("success", done.title, done.text) : ""}
      <div class="columns">
        <div class="column">
          ${cardFace(resident, reader)}
          ${passwordsSection(world, reader, resident)}
          ${registerSection(world, reader, resident, options.showMyNumber ?? false)}
          ${historySection(reader, events)}
        </div>
        <div class="column">
          ${certificatesSection(reader, certificatesOfPerson(world.database, resident.id), world.clock())}
          ${proceduresSection(reader, resident)}
        </div>
      </div>
    `,
  });
}

function passwordsSection(world: World, reader: Reader, resident: Resident): Html {
  const { say, language } = reader;
  const { card } = presentPerson(world, resident);
  const hasSignature = card.certificates.some(({ kind }) => kind === "signature");
  const most = { signature: 5, authentication: 3, text: 3 };
  const row = (which: keyof Pins) => {
    const left = card.triesLeft[which];
    const unused = which === "signature" && !hasSignature;
    const tries = left === 0 ? say("ロック中", "Blocked") : say(`残り${left}回`, `${left} left`);
    const level = left === 0 ? "blocked" : left < most[which] ? "low" : "full";
    return html`<div class="password">
      <dt>${pinWords[which][language]}</dt>
      ${
        unused
          ? html`<dd class="unset">${say("設定なし", "Not set")}</dd>`
          : html`<dd class="code value">${resident.pins[which]}</dd>
            <dd class="tries ${level}"><span class="dots" aria-hidden="true">${"●".repeat(left)}${"○".repeat(most[which] - left)}</span>
              ${tries}</dd>`
      }
    </div>`;
  };
  return html`<section class="panel">
    <h2>${say("暗証番号", "Passwords")}</h2>
    <dl class="passwords">${row("signature")}${row("authentication")}${row("text")}</dl>
    <p class="hint">${say(
      "市役所で設定した値です。間違えた回数はカードが数え、再起動しても残ります。",
      "As the city office set them. The card itself counts wrong tries, also over restarts.",
    )}</p>
  </section>`;
}

function registerSection(world: World, reader: Reader, resident: Resident, showMyNumber: boolean): Html {
  const { say, language, day } = reader;
  const { id, name, address, birthdate, gender } = resident;
  const age = ageOn(dayInJapan(world.clock()), birthdate);
  const written = substituteCharacters(name);
  return html`<section class="panel" id="register">
    <h2>${say("住民票", "Resident register")}</h2>
    <dl class="register">
      <div><dt>${say("氏名", "Name")}</dt><dd lang="ja">${name}</dd></div>
      ${
        written.text === name
          ? ""
          : html`<div><dt>${say("証明書の氏名", "Name in certificates")}</dt>
              <dd lang="ja">${written.text} <small class="code">${written.positions}</small></dd></div>`
      }
      <div><dt>${say("住所", "Address")}</dt><dd lang="ja">${address}</dd></div>
      <div><dt>${say("生年月日", "Birth date")}</dt>
        <dd>${day(`${birthdate}T00:00:00+09:00`)}${say(`（${age}歳）`, ` (${age})`)}</dd></div>
      <div><dt>${say("性別", "Sex")}</dt><dd>${genderWords[gender][language]}</dd></div>
      <div><dt>ID</dt><dd class="code">${id}</dd></div>
      <div><dt>${say("個人番号", "My Number")}</dt>
        <dd>${
          showMyNumber
            ? html`<span class="code">${readMyNumber(world.database, id).replace(/(.{4})(?=.)/g, "$1 ")}</span>`
            : html`<form method="post" action="/people/${id}/my-number#register">
                <button type="submit" class="link">${say("表示する", "Show")}</button>
              </form>`
        }</dd></div>
    </dl>
  </section>`;
}
