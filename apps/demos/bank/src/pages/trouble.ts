import { html } from "hono/html";
import { type Say, sayIn } from "../language.ts";
import type { Trouble } from "../trouble.ts";
import { type Html, layout, type View } from "./layout.ts";

type Text = { ja: string; en: string };

const texts: Record<Trouble, { title: Text; text: Text }> = {
  declined: {
    title: { ja: "お手続きは完了していません", en: "Not completed" },
    text: {
      ja: "xIDで承認されなかったため、当行は情報を受け取っていません。いつでもやり直せます。",
      en: "It was not approved in xID, so we received nothing. You can begin again at any time.",
    },
  },
  expired: {
    title: { ja: "お手続きの時間が過ぎました", en: "Time ran out" },
    text: {
      ja: "安全のため、時間の過ぎたお手続きは無効になります。お手数ですが、はじめからやり直してください。",
      en: "For safety an old sign-in no longer counts. Please begin again.",
    },
  },
  "wrong-browser": {
    title: { ja: "別のブラウザーで開かれました", en: "Opened in another browser" },
    text: {
      ja: "お手続きは、始めたときと同じブラウザーでしか終えられません。始めた画面に戻るか、ここからもう一度始めてください。ほかの人から送られたリンクを開いた場合は、そのまま閉じてください。",
      en: "A sign-in ends only in the browser where it began. Go back there, or begin again here. If somebody sent you this link, just close it.",
    },
  },
  "not-a-customer": {
    title: { ja: "まだ口座をお持ちではありません", en: "You have no account yet" },
    text: {
      ja: "xIDでご本人であることは確認できましたが、当行の口座が見つかりませんでした。このまま口座を開設できます。",
      en: "xID has confirmed who you are, but we found no account of yours. You can open one now.",
    },
  },
  "items-missing": {
    title: { ja: "必要な情報がそろいませんでした", en: "Something is missing" },
    text: {
      ja: "口座開設には、氏名・生年月日・性別・住所のすべてが必要です。",
      en: "To open an account we need your name, date of birth, sex and address.",
    },
  },
  unavailable: {
    title: { ja: "ただいまxIDに接続できません", en: "xID can't be reached just now" },
    text: {
      ja: "少し待ってから、もう一度お試しください。情報は送られていません。",
      en: "Please wait a moment and try again. Nothing was sent.",
    },
  },
  failed: {
    title: { ja: "お手続きを完了できませんでした", en: "This could not be completed" },
    text: {
      ja: "情報を安全に確認できなかったため、中止しました。もう一度お試しください。",
      en: "We could not check the answer safely and stopped. Please try again.",
    },
  },
  "not-found": {
    title: { ja: "ページが見つかりません", en: "Page not found" },
    text: { ja: "アドレスをお確かめください。", en: "Please check the address." },
  },
};

/** A page that says what happened, what it means, and where to go on. `reference` finds the log line. */
export function trouble(view: View, what: Trouble, intent: "open" | "sign-in" | undefined, reference?: string): Html {
  const { title, text } = texts[what];
  const say = sayIn(view.language);
  const heading = title[view.language];
  return layout(
    view,
    heading,
    html`<div class="inner narrow trouble" data-testid="trouble" data-trouble="${what}">
  <img src="/trouble.svg" alt="" width="96" height="96">
  <h1>${heading}</h1>
  <p class="lead">${text[view.language]}</p>
  ${reference && html`<p class="small">${say("お問い合わせ番号", "Reference")} <code>${reference}</code></p>`}
  <div class="act">
    ${view.customerName === undefined && again(say, intent)}
    <a class="plain" href="/">${say("トップページへ", "Back to the home page")}</a>
  </div>
</div>`,
  );
}

/** The way to begin again, where we know what was begun. */
function again(say: Say, intent: "open" | "sign-in" | undefined): Html | undefined {
  if (intent === "open") {
    return html`<xid-button data-testid="open-account" action="open-account"><a href="/open/start">${say("xIDで口座開設", "Open an account with xID")}</a></xid-button>`;
  }
  return intent && html`<a class="button" href="/sign-in">${say("もう一度ログイン", "Sign in again")}</a>`;
}
