import { html } from "hono/html";
import { dayInJapan, startOfDay } from "../calendar.ts";
import { municipalityOf } from "../people/municipalities.ts";
import { inKatakana } from "../store/search-residents.ts";
import { findTown } from "../store/town.ts";
import { townResidentId, townResidentNumber } from "../town/resident-id.ts";
import { type ListedResident, listResidentsOfTown } from "../town/routes.ts";
import { largestTown, type Town } from "../town/town.ts";
import type { World } from "../world.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";
import { genderWords } from "./words.ts";

const perPage = 30;

export type TownSearch = { name: string | undefined; after: string | undefined };

/** The town: its residents by name, page by page, or the form that founds it. */
export function townPage(
  world: World,
  reader: Reader,
  { search = { name: undefined, after: undefined }, failure, done }: TownPageOptions,
): Html {
  const { say, language } = reader;
  const town = findTown(world.database);
  return layout(reader, {
    title: say("大きな町", "Town"),
    section: "town",
    body: html`
      <h1>${say("大きな町", "Town")}</h1>
      <p class="lead">${say(
        "負荷試験のための、計算でつくる町です。住民の鍵とカードは、初めて開いたときにつくられます。過去の失効は、はじめから失効リストに載っています。",
        "A town for load tests, computed from a seed. Keys and cards are made when a resident is first opened; revocations of the past are on the lists from the start.",
      )}</p>
      ${failure ? notice("failure", failure[language]) : ""}
      ${done ? notice("success", say("町をつくりました。", "The town is founded.")) : ""}
      ${town ? residentsSection(reader, town, search) : foundingForm(world, reader)}
    `,
  });
}

type TownPageOptions = { search?: TownSearch; failure?: { ja: string; en: string }; done?: boolean };

function residentsSection(reader: Reader, town: Town, { name, after }: TownSearch): Html {
  const { say, day } = reader;
  const { residents, next } = found(town, { name, after });
  const { plan } = town;
  const further = new URLSearchParams({ ...(name ? { name } : {}), ...(next ? { after: next } : {}) });
  return html`
    <p class="count">${say(
      `${plan.residents.toLocaleString("ja-JP")}人（シード ${plan.seed}、${day(startOfDay(plan.foundedOn))}まで）`,
      `${plan.residents.toLocaleString("en-GB")} residents (seed ${plan.seed}, up to ${day(startOfDay(plan.foundedOn))})`,
    )}</p>
    <form class="search" method="get" action="/town" role="search">
      <p class="field">
        <label for="name">${say("氏名・フリガナの一部、またはID", "Part of the name or its reading, or the id")}</label>
        <input id="name" name="name" type="search" maxlength="60" value="${name ?? ""}" autocomplete="off">
      </p>
      <button class="secondary" type="submit">${say("さがす", "Search")}</button>
    </form>
    ${
      residents.length === 0
        ? html`<p>${say("該当する住民はいません。", "Nobody of that name.")}</p>`
        : html`<ul class="residents">${residents.map((resident) => entry(reader, resident))}</ul>`
    }
    <nav class="pager" aria-label="${say("ページ", "Pages")}">
      ${after ? html`<a href="/town${name ? `?${new URLSearchParams({ name })}` : ""}">${say("最初へ", "First")}</a>` : html`<span></span>`}
      ${next ? html`<a href="/town?${further}">${say("次へ", "Next")}</a>` : html`<span></span>`}
    </nav>`;
}

/** The one of that id where it is one, else those whose name or reading, in either kana, has the text in it. */
function found(town: Town, { name = "", after }: TownSearch): { residents: ListedResident[]; next?: string } {
  const number = townResidentNumber(town, name.trim().toLowerCase());
  if (number !== undefined) return { residents: [{ id: townResidentId(number), ...town.resident(number) }] };
  return listResidentsOfTown(town, { name: inKatakana(name), after, limit: perPage });
}

function entry({ language, birthday }: Reader, { id, name, kana, birthdate, gender, address }: ListedResident): Html {
  const municipality = municipalityOf(address);
  return html`<li>
    <a class="resident" href="/people/${id}">
      <span class="who"><strong lang="ja">${name}</strong><small lang="ja">${kana}</small></span>
      <span class="where" lang="ja">${municipality.prefecture}${municipality.name}</span>
      <span class="persona">${birthday(birthdate)}</span>
      <span class="states"><span>${genderWords[gender][language]}</span><span class="code">${id}</span></span>
    </a>
  </li>`;
}

function foundingForm(world: World, { say }: Reader): Html {
  return html`<form class="founding" method="post" action="/town">
    <div class="fields">
      <p class="field">
        <label for="residents">${say("住民の数", "Residents")}</label>
        <input id="residents" name="residents" type="number" min="1" max="${largestTown}" value="1000000" required>
      </p>
      <p class="field">
        <label for="seed">${say("シード", "Seed")}</label>
        <input id="seed" name="seed" type="number" min="0" max="4294967295" value="0" required aria-describedby="seed-hint">
        <small id="seed-hint">${say("同じシードと日付からは、いつも同じ町ができます。", "The same seed and day always give the same town.")}</small>
      </p>
      <p class="field">
        <label for="foundedOn">${say("過去の終わる日", "Day on which its past ends")}</label>
        <input id="foundedOn" name="foundedOn" type="date" max="${dayInJapan(world.clock())}" value="${dayInJapan(world.clock())}">
      </p>
    </div>
    <button class="submit" type="submit">${say("町をつくる", "Found the town")}</button>
  </form>`;
}
