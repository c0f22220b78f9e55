import { html } from "hono/html";
import { type Language, sayIn } from "../language.ts";
import { type Html, layout, type View } from "./layout.ts";

/** How an account is opened: steps, items, purpose, and the button. */
export function opening(view: View): Html {
  const say = sayIn(view.language);
  return layout(
    view,
    say("口座開設のご案内", "Opening an account"),
    html`<div class="inner narrow">
  <h1>${say("口座開設のご案内", "Opening an account")}</h1>
  <p class="lead">${say("お手続きは3つ、5分ほどで終わります。", "Three steps, about five minutes.")}</p>
  <ol class="steps">
    <li><h2>${say("xIDアプリを開く", "Open the xID app")}</h2><p>${say(
      "はじめての方は、アプリでマイナンバーカードを読み取ります。署名用の暗証番号（英数字6〜16文字）をお手元にご用意ください。",
      "If you are new to xID, the app reads your My Number Card. Have its signature password (6–16 letters and digits) at hand.",
    )}</p></li>
    <li><h2>${say("渡す情報を確かめる", "Check what you share")}</h2><p>${say(
      "だれに、何のために、何を渡すのかがアプリに表示されます。よろしければ承認してください。",
      "The app shows who asks, why, and for what. Approve if you agree.",
    )}</p></li>
    <li><h2>${say("口座番号を受け取る", "Get your account number")}</h2><p>${say(
      "この画面に戻ると、口座が開設されています。",
      "Back on this page, your account is open.",
    )}</p></li>
  </ol>
  <section class="box" aria-labelledby="purpose">
    <h2 id="purpose">${say("利用目的と情報", "Purpose and items")}</h2>
    <dl class="rows">
      <div><dt>${say("利用目的", "Purpose")}</dt><dd>${say(
        "口座開設のときの本人確認（犯罪収益移転防止法の取引時確認）と、口座の管理のため",
        "To identify you when you open an account (Act on Prevention of Transfer of Criminal Proceeds) and to run the account",
      )}</dd></div>
      <div><dt>${say("お受け取りする情報", "Items we receive")}</dt><dd>${askedItems(view.language)}</dd></div>
    </dl>
  </section>
  <div class="act">
    <xid-button data-testid="open-account" action="open-account"><a href="/open/start">${say("xIDで口座開設", "Open an account with xID")}</a></xid-button>
    <p class="small">${say("途中でいつでも中止できます。", "You can stop at any time.")}</p>
  </div>
</div>`,
  );
}

/** The required items in plain words. */
export function askedItems(language: Language): Html {
  const say = sayIn(language);
  const items = [say("氏名", "Name"), say("生年月日", "Date of birth"), say("性別", "Sex"), say("住所", "Address")];
  return html`<ul class="items">${items.map((item) => html`<li class="item">${item}<span class="tag">${say("必須", "Required")}</span></li>`)}</ul>`;
}
