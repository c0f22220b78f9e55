import { html } from "hono/html";
import { municipalityOf } from "../people/municipalities.ts";
import { personas } from "../people/personas.ts";
import { type Person, presentPerson } from "../people/present.ts";
import { countResidents, findResident, type Resident } from "../store/people.ts";
import { countFound, searchResidents } from "../store/search-residents.ts";
import { findTown } from "../store/town.ts";
import type { Town } from "../town/town.ts";
import type { World } from "../world.ts";
import { statusChip } from "./certificates.ts";
import type { Reader } from "./language.ts";
import { type Html, layout } from "./layout.ts";
import { standingChips } from "./person-head.ts";

const perPage = 30;

export type ResidentsQuery = {
  /** What is looked for: part of a name, of its reading, or of an id. */
  text: string;
  page: number;
};

/** The list of the residents who were registered, by name, reading or id, page by page. */
export function residentsPage(world: World, reader: Reader, query: ResidentsQuery): Html {
  const { say } = reader;
  const { text } = query;
  const town = findTown(world.database);
  const total = countResidents(world.database);
  return layout(reader, {
    title: say("住民一覧", "Residents"),
    section: "residents",
    body: html`
      <div class="head">
        <div>
          <h1>${say("住民一覧", "Residents")}</h1>
          <p class="lead">
            ${say(
              "マイナンバーカードを持つ架空の住民です。選ぶと、カードと電子証明書の確認や、引っ越しなどの手続きができます。",
              "Fictional residents with a My Number Card. Open one to see the card and its certificates, and to let things happen.",
            )}
          </p>
        </div>
        <a class="button" href="/people/new">${say("住民を登録する", "Register a resident")}</a>
      </div>
      ${total === 0 && !town ? noResidents(reader) : searchForm(reader, text)}
      ${total === 0 ? "" : registered(world, reader, query)}
      ${town ? townNote(reader, town, text) : ""}
    `,
  });
}

function searchForm({ say }: Reader, text: string): Html {
  return html`<form class="search" role="search" method="get" action="/">
    <p class="field">
      <label for="q">${say("住民をさがす", "Find a resident")}</label>
      <input id="q" name="q" type="search" value="${text}" maxlength="60" autocomplete="off" aria-describedby="q-hint">
      <small id="q-hint">${say("氏名・フリガナ・IDの一部", "Part of the name in Japanese, of its reading, or of the id")}</small>
    </p>
    <button type="submit" class="secondary">${say("さがす", "Search")}</button>
    ${text ? html`<a href="/">${say("すべて表示", "Show all")}</a>` : ""}
  </form>`;
}

function registered(world: World, reader: Reader, { text, page: wanted }: ResidentsQuery): Html {
  const { say } = reader;
  const { database } = world;
  const found = countFound(database, text);
  const pages = Math.max(1, Math.ceil(found / perPage));
  const page = Math.min(Math.max(1, wanted), pages);
  const ids = searchResidents(database, { text, offset: (page - 1) * perPage, limit: perPage });
  return html`
    <p class="count">${say(`${found}人`, found === 1 ? "1 person" : `${found} people`)}</p>
    ${
      found === 0
        ? html`<p class="panel">${say(`「${text}」にあてはまる住民はいません。`, `Nobody here fits “${text}”.`)}</p>`
        : html`<ul class="residents">${ids.map((id) => entry(world, reader, findResident(database, id)))}</ul>`
    }
    ${pages > 1 ? pager(reader, text, page, pages) : ""}`;
}

function entry(world: World, reader: Reader, resident: Resident): Html {
  const { say, language } = reader;
  const { card } = presentPerson(world, resident);
  const persona = personas.find(({ id }) => id === resident.persona);
  const signature = card.certificates.find(({ kind }) => kind === "signature");
  const authentication = card.certificates.find(({ kind }) => kind === "authentication");
  return html`<li>
    <a class="resident" href="/people/${resident.id}">
      <span class="who"><strong lang="ja">${resident.name}</strong><small lang="ja">${resident.kana}</small></span>
      <span class="where"><span lang="ja">${place(resident.address)}</span> <small class="code">${resident.id}</small></span>
      <span class="persona">${persona?.[language] ?? resident.persona} ${standingChips(reader, resident)} ${tries(reader, card, signature !== undefined)}</span>
      <span class="states">
        <span>${say("署名用", "Signature")} ${statusChip(reader, signature)}</span>
        <span>${say("利用者証明用", "Authentication")} ${statusChip(reader, authentication)}</span>
      </span>
    </a>
  </li>`;
}

/** Only where somebody has mistaken the signature password. */
function tries({ say }: Reader, { triesLeft }: Person["card"], hasSignature: boolean): Html | string {
  const left = triesLeft.signature;
  if (!hasSignature || left === 5) return "";
  const text = left === 0 ? say("ロック中", "Blocked") : say(`残り${left}回`, `${left} left`);
  return html`<span class="chip ${left === 0 ? "revoked" : "expired"}">${text}</span>`;
}

/** The municipality, or the whole of an address that names none. */
function place(address: string): string {
  try {
    const { prefecture, name } = municipalityOf(address);
    return prefecture + name;
  } catch {
    return address;
  }
}

/** The town's residents have a page of their own: there are too many of them to list them here. */
function townNote({ say }: Reader, { plan }: Town, text: string): Html {
  const size = plan.residents.toLocaleString("en");
  const href = `/town${text ? `?${new URLSearchParams({ name: text })}` : ""}`;
  const link = text
    ? say(`「${text}」を町でさがす`, `Look for “${text}” in the town`)
    : say("大きな町へ", "To the town");
  return html`<p class="town-note">${say(`ほかに、大きな町の住民が${size}人います。`, `${size} more live in the town.`)} <a href="${href}">${link}</a></p>`;
}

function pager({ say }: Reader, text: string, page: number, pages: number): Html {
  const at = (number: number) => `/?${new URLSearchParams({ ...(text ? { q: text } : {}), page: String(number) })}`;
  return html`<nav class="pager" aria-label="${say("ページ", "Pages")}">
    ${page > 1 ? html`<a href="${at(page - 1)}">${say("前へ", "Previous")}</a>` : html`<span></span>`}
    <span>${page} / ${pages}</span>
    ${page < pages ? html`<a href="${at(page + 1)}">${say("次へ", "Next")}</a>` : html`<span></span>`}
  </nav>`;
}

function noResidents({ say }: Reader): Html {
  return html`<section class="panel empty">
    <h2>${say("まだ住民がいません", "There are no residents yet")}</h2>
    <p>${say(
      "「住民を登録する」から、確かめたい場面に合った住民を登録してください。カードと電子証明書もすぐに発行されます。",
      "Register one that fits the case you want to see: card and certificates are issued at once.",
    )}</p>
  </section>`;
}
