import { html } from "hono/html";
import { municipalityOf } from "../people/municipalities.ts";
import { personas } from "../people/personas.ts";
import { type Person, presentPerson } from "../people/present.ts";
import { listResidents, type Resident } from "../store/people.ts";
import type { World } from "../world.ts";
import { statusChip } from "./certificates.ts";
import type { Reader } from "./language.ts";
import { type Html, layout } from "./layout.ts";

const perPage = 30;

/** The list of residents. */
export function residentsPage(world: World, reader: Reader, wanted: number): Html {
  const { say } = reader;
  const residents = listResidents(world.database);
  const pages = Math.max(1, Math.ceil(residents.length / perPage));
  const page = Math.min(Math.max(1, wanted), pages);
  const shown = residents.slice((page - 1) * perPage, page * perPage);
  return layout(reader, {
    title: say("住民一覧", "Residents"),
    section: "residents",
    body: html`
      <div class="head">
        <div>
          <h1>${say("住民一覧", "Residents")}</h1>
          <p class="lead">
            ${say(
              "マイナンバーカードを持つ架空の住民です。選ぶと、カードの暗証番号・電子証明書の確認や、引っ越しなどの手続きができます。",
              "Fictional residents with a My Number Card. Open one to see the card, its passwords and certificates, and to let things happen.",
            )}
          </p>
        </div>
        <a class="button" href="/people/new">${say("住民を登録する", "Register a resident")}</a>
      </div>
      <p class="count">${say(`${residents.length}人`, `${residents.length} in all`)}</p>
      <ul class="residents">${shown.map((resident) => entry(world, reader, resident))}</ul>
      ${pages > 1 ? pager(reader, page, pages) : ""}
    `,
  });
}

function entry(world: World, reader: Reader, resident: Resident): Html {
  const { say, language } = reader;
  const { card } = presentPerson(world, resident);
  const { prefecture, name } = municipalityOf(resident.address);
  const persona = personas.find(({ id }) => id === resident.persona);
  const signature = card.certificates.find(({ kind }) => kind === "signature");
  const authentication = card.certificates.find(({ kind }) => kind === "authentication");
  return html`<li>
    <a class="resident" href="/people/${resident.id}">
      <span class="who"><strong lang="ja">${resident.name}</strong><small lang="ja">${resident.kana}</small></span>
      <span class="where" lang="ja">${prefecture}${name}</span>
      <span class="persona">${persona?.[language] ?? resident.persona} ${tries(reader, card, signature !== undefined)}</span>
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

function pager({ say }: Reader, page: number, pages: number): Html {
  return html`<nav class="pager" aria-label="${say("ページ", "Pages")}">
    ${page > 1 ? html`<a href="/?page=${page - 1}">${say("前へ", "Previous")}</a>` : html`<span></span>`}
    <span>${page} / ${pages}</span>
    ${page < pages ? html`<a href="/?page=${page + 1}">${say("次へ", "Next")}</a>` : html`<span></span>`}
  </nav>`;
}
