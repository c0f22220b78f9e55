import { html } from "hono/html";
import { sayIn } from "../language.ts";
import { type Html, layout, type View } from "./layout.ts";
import { askedItems } from "./opening.ts";

/** The first page: what the bank offers, and the way in. */
export function landing(view: View): Html {
  const say = sayIn(view.language);
  return layout(
    view,
    "",
    html`<section class="hero">
  <div class="inner">
    <div class="hero-text">
      <h1>${say("口座開設は、", "An account with")}<br>${say("カード1枚とスマホで。", "a card and a phone.")}</h1>
      <p>${say(
        "マイナンバーカードとxIDアプリで本人確認。書類の撮影も、住所の入力も、ご来店もいりません。",
        "Prove who you are with your My Number Card and the xID app. No photographs, no typing, no visit.",
      )}</p>
      ${
        view.customerName === undefined
          ? html`<xid-button data-testid="open-account" action="open-account"><a href="/open/start">${say("xIDで口座開設", "Open an account with xID")}</a></xid-button>
      <p class="small"><a href="/open">${say("お手続きの流れと、お受け取りする情報", "How it works and what we receive")}</a></p>`
          : html`<a class="button" href="/account">${say("マイページへ", "To my page")}</a>`
      }
    </div>
    <img class="hero-picture" src="/hero.svg" alt="" width="520" height="400">
  </div>
</section>
<section class="inner band" aria-labelledby="why">
  <h2 id="why">${say("はるかぜ銀行の口座", "A Harukaze account")}</h2>
  <ul class="cards">
    <li><h3>${say("その日から使える", "Ready today")}</h3><p>${say(
      "本人確認がその場で終わるので、口座番号がすぐに決まります。",
      "Identification ends on the spot, so you get your account number at once.",
    )}</p></li>
    <li><h3>${say("パスワードがない", "No passwords")}</h3><p>${say(
      "ログインはスマホの確認だけ。覚えるものも、盗まれるものもありません。",
      "You sign in by confirming on your phone. Nothing to remember, nothing to steal.",
    )}</p></li>
    <li><h3>${say("手数料がわかりやすい", "Clear fees")}</h3><p>${say(
      "口座管理手数料は0円。振込手数料は月3回まで無料です。",
      "No monthly fee, and three free transfers every month.",
    )}</p></li>
  </ul>
</section>
<section class="tint" aria-labelledby="items">
  <div class="inner two">
    <div>
      <h2 id="items">${say("xIDからお受け取りする情報", "What we receive from xID")}</h2>
      <p>${say(
        "口座開設のときに、次の4つだけを受け取ります。利用目的は、法律で定められた取引時の確認と、口座の管理です。マイナンバー（個人番号）は受け取りません。",
        "When you open an account we receive these four items and no others, to identify you as the law requires and to run your account. We do not receive your My Number.",
      )}</p>
    </div>
    ${askedItems(view.language)}
  </div>
</section>
<section class="inner band" aria-labelledby="safety">
  <h2 id="safety">${say("大切なお知らせ", "Important")}</h2>
  <ul class="news">
    <li><strong>${say("偽メールにご注意ください", "Beware of false e-mails")}</strong><span>${say(
      "当行がメールやSMSで暗証番号をお聞きすることはありません。",
      "We never ask for a PIN by e-mail or text message.",
    )}</span></li>
    <li><strong>${say("スマホをなくしたとき", "If you lose your phone")}</strong><span>${say(
      "新しいスマホでマイナンバーカードを読み取ると、同じ口座をそのままお使いいただけます。",
      "Read your My Number Card with a new phone and go on with the same account.",
    )}</span></li>
  </ul>
</section>`,
  );
}
