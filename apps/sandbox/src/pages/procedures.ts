import { html } from "hono/html";
import { kinds } from "../ca/kind.ts";
import { revocationReasons } from "../people/life-events.ts";
import type { Resident } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";
import { placeSuggestions } from "./place-suggestions.ts";
import { kindWords, reasonWords } from "./words.ts";

/** The counter: what can be done for a resident. */
export function proceduresSection(reader: Reader, { id }: Resident): Html {
  const { say, language } = reader;
  const procedure = (type: string, title: string, about: string, button: string, fields: Html | string = "") =>
    html`<form class="procedure" method="post" action="/people/${id}/events">
      <input type="hidden" name="type" value="${type}">
      <div class="about"><h3>${title}</h3><p>${about}</p></div>
      ${fields}
      <button type="submit" class="act ${type === "revoke" ? "danger" : "secondary"}">${button}</button>
    </form>`;
  return html`<section class="panel" id="procedures">
    <h2>${say("窓口の手続き", "At the counter")}</h2>
    <div class="procedures">
      ${procedure(
        "move",
        say("引っ越し（転入・転居）", "Move house"),
        say(
          "住所が変わり、署名用電子証明書が失効します。利用者証明用はそのまま使えます。",
          "The address changes and the signature certificate is revoked. The authentication certificate stays valid.",
        ),
        say("住所を変更する", "Change the address"),
        html`<p class="field">
            <label for="move-address">${say("新しい住所", "New address")}</label>
            <input id="move-address" name="address" list="places" autocomplete="off" maxlength="200"
              aria-describedby="move-hint">
            <small id="move-hint">${say(
              "「高松市」のように市区町村名だけでもかまいません。空欄なら自動で決まります。",
              "The name of a municipality in Japanese is enough. Left empty, one is chosen.",
            )}</small>
          </p>
          ${placeSuggestions()}`,
      )}
      ${procedure(
        "reissue-signature",
        say("署名用電子証明書の発行", "Issue a signature certificate"),
        say(
          "今の住民票の内容で、新しい鍵と署名用電子証明書をカードに記録します。",
          "Puts a new key and a signature certificate with today's register on the card.",
        ),
        say("署名用を発行する", "Issue"),
      )}
      ${procedure(
        "renew",
        say("電子証明書の更新", "Renew the certificates"),
        say(
          "カードの電子証明書をすべて新しくします。これまでの証明書は失効します。",
          "New keys and certificates on the same card; the former ones are superseded.",
        ),
        say("更新する", "Renew"),
      )}
      ${procedure(
        "reset-pins",
        say("暗証番号の初期化", "Reset the passwords"),
        say(
          "暗証番号をこのページにある値に戻し、ロックを解除します。",
          "Sets the passwords to the values on this page and unblocks them.",
        ),
        say("初期化する", "Reset"),
      )}
      ${procedure(
        "new-card",
        say("カードの再交付", "Replace the card"),
        say(
          "新しいカードと電子証明書を交付します。古いカードの証明書は失効します。",
          "A new card with new certificates; those of the old card are revoked.",
        ),
        say("再交付する", "Replace"),
      )}
      ${procedure(
        "revoke",
        say("電子証明書の失効", "Revoke certificates"),
        say("元に戻すことはできません。", "This can't be undone."),
        say("失効させる", "Revoke"),
        html`<p class="field">
            <label for="revoke-kind">${say("電子証明書", "Certificate")}</label>
            <select id="revoke-kind" name="kind">
              <option value="">${say("両方", "Both")}</option>
              ${kinds.map((kind) => html`<option value="${kind}">${kindWords[kind][language]}</option>`)}
            </select>
          </p>
          <p class="field">
            <label for="revoke-reason">${say("理由", "Reason")}</label>
            <select id="revoke-reason" name="reason">
              ${revocationReasons.map((reason) => html`<option value="${reason}">${reasonWords[reason]?.[language]}</option>`)}
            </select>
          </p>`,
      )}
    </div>
  </section>`;
}
