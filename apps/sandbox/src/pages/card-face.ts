import { html } from "hono/html";
import { fullWidth } from "../people/full-width.ts";
import type { Resident } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { genderWords } from "./words.ts";

/** The card's front, drawn in our own design. The face of the card is Japanese in either language, as it would be. */
export function cardFace(resident: Resident, { say }: Reader): Html {
  const { name, address, birthdate, gender, cardNumber } = resident;
  const size = name.length > 40 ? "longest" : name.length > 14 ? "long" : "";
  return html`<figure class="card" aria-label="${say("マイナンバーカード（模擬）", "My Number Card (simulated)")}">
    <div class="face" lang="ja">
      <p class="title">個人番号カード<span>模擬 SIMULATED</span></p>
      <svg class="photo" viewBox="0 0 60 76" aria-hidden="true">
        <rect width="60" height="76" rx="3"/><circle cx="30" cy="29" r="13"/><path d="M6 76c0-17 10-28 24-28s24 11 24 28z"/>
      </svg>
      <dl>
        <div class="who"><dt>氏名</dt><dd class="${size}">${name}</dd></div>
        <div class="where"><dt>住所</dt><dd>${address}</dd></div>
        <div><dt>生年月日</dt><dd>${japaneseEra(birthdate)}</dd></div>
        <div><dt>性別</dt><dd>${genderWords[gender].ja}</dd></div>
      </dl>
      <svg class="chip-drawing" viewBox="0 0 40 30" aria-hidden="true">
        <rect width="40" height="30" rx="5"/><path d="M0 10h13v10H0M40 10H27v10h13M13 0v30M27 0v30" fill="none"/>
      </svg>
      <p class="number">${say(`${cardNumber}枚目のカード`, `Card no. ${cardNumber}`)}</p>
    </div>
  </figure>`;
}

/** Such as 昭和６３年３月５日, as the card has it printed. */
function japaneseEra(birthdate: string): string {
  const format = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "long", timeZone: "UTC" });
  return fullWidth(format.format(new Date(`${birthdate}T00:00:00Z`)));
}
