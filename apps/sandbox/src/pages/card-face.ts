import type { CardState } from "@xid/card/virtual";
import { html } from "hono/html";
import { dayInJapan } from "../calendar.ts";
import { fullWidth } from "../people/full-width.ts";
import { municipalities } from "../people/municipalities.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";

/** How many portraits there are in `portraits/`; the chip has the same ones. */
export const portraitCount = 6;

export type CardFaceOptions = {
  /** When the certificates on the card end; undefined where it has none. */
  certificatesEnd: Date | undefined;
  /** 12 digits, only where the reader asked for them. */
  myNumber: string | undefined;
  /** Why the card can't be used, in the reader's words; undefined for one that can. */
  unusable: string | undefined;
};

const genders = { "1": "男", "2": "女", "9": "不明" };

/**
 * The card as it is printed, front and back, in a design of our own that nobody takes for the real one. What is printed is
 * Japanese in either language, as it would be.
 */
export function cardFace({ printed, model }: CardState, reader: Reader, options: CardFaceOptions): Html {
  const { say } = reader;
  const { name, address, birthdate, gender, expiry, securityCode, municipalityCode } = printed;
  const size = name.length > 40 ? "longest" : name.length > 14 ? "long" : "";
  const addressSize = address.length > 110 ? "longest" : address.length > 46 ? "long" : "";
  const municipality = municipalities.find(({ code }) => code === municipalityCode);
  const portrait = (((Math.trunc(printed.portrait) % portraitCount) + portraitCount) % portraitCount) + 1;
  const certificatesEnd =
    options.certificatesEnd && westernDate(dayInJapan(options.certificatesEnd).replaceAll("-", ""));
  const number = options.myNumber?.replace(/(.{4})(?=.)/g, "$1 ");
  const title = model === "next-draft" ? "個人番号カード（次期の草案）" : "個人番号カード";
  return html`<div class="cards ${options.unusable ? "unusable" : ""}">
    <figure class="card">
      <figcaption>${say("カードの表", "Front of the card")}${options.unusable ? html` <span class="chip revoked">${options.unusable}</span>` : ""}</figcaption>
      <div class="face front" lang="ja">
        <p class="title">${title}<span class="specimen">見本 SIMULATION</span></p>
        <dl>
          <div class="who"><dt>氏名</dt><dd class="${size}">${name}</dd></div>
          <div class="where"><dt>住所</dt><dd class="${addressSize}">${address}</dd></div>
          <div class="birth"><dt>生年月日</dt><dd>${eraDate(birthdate)}生</dd></div>
          <div class="sex"><dt>性別</dt><dd>${genders[gender]}</dd></div>
          <div class="expiry"><dt>有効期限</dt><dd>${westernDate(expiry)}まで有効</dd></div>
          <div class="certificates-end"><dt>電子証明書の有効期限</dt><dd>${certificatesEnd ?? "―"}</dd></div>
          <div class="security"><dt>セキュリティコード</dt><dd class="code">${securityCode}</dd></div>
        </dl>
        <img class="photo" src="/portraits/${portrait}.png" width="150" height="200"
          alt="${say("顔写真（架空の人物の絵）", "Portrait, a drawing of nobody")}">
        <p class="mayor">${headOf(municipality?.name)}</p>
      </div>
    </figure>
    <figure class="card">
      <figcaption>${say("カードの裏", "Back of the card")}</figcaption>
      <div class="face back" lang="ja">
        <p class="title">個人番号<span class="specimen">見本 SIMULATION</span></p>
        <p class="my-number code">${
          number ??
          html`<span role="img" aria-label="${say("個人番号は伏せてあります", "The My Number is hidden")}">•••• •••• ••••</span>`
        }</p>
        <svg class="chip-drawing" viewBox="0 0 40 30" aria-hidden="true">
          <rect width="40" height="30" rx="5"/><path d="M0 10h13v10H0M40 10H27v10h13M13 0v30M27 0v30" fill="none"/>
        </svg>
        <dl>
          <div><dt>氏名</dt><dd class="${size}">${name}</dd></div>
          <div><dt>生年月日</dt><dd>${eraDate(birthdate)}生</dd></div>
        </dl>
        <p class="not-real">これは模擬環境のカードです。本人確認には使えません。</p>
      </div>
    </figure>
  </div>`;
}

/** Such as 昭和６３年３月５日, from YYYYMMDD; 00 stands where month or day is unknown. */
function eraDate(date: string): string {
  const format = new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "long", timeZone: "UTC" });
  const known = date.replace(/00$/, "01").replace(/^(....)00/, "$101");
  const day = new Date(`${known.slice(0, 4)}-${known.slice(4, 6)}-${known.slice(6)}T00:00:00Z`);
  const text = format.format(day);
  if (date.slice(4, 6) === "00") return fullWidth(text.replace(/年.*/, "年（月日不詳）"));
  return fullWidth(date.endsWith("00") ? text.replace(/月.*/, "月（日不詳）") : text);
}

/** Such as 2036年3月5日, from YYYYMMDD. */
function westernDate(date: string): string {
  return `${Number(date.slice(0, 4))}年${Number(date.slice(4, 6))}月${Number(date.slice(6))}日`;
}

/** Who issues the card: 清瀬市長, and for a ward of a designated city the city's mayor. */
function headOf(municipality: string | undefined): string {
  return municipality ? `模擬 ${municipality.replace(/^(.+市).+区$/, "$1")}長` : "";
}
