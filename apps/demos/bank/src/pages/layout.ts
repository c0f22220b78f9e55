import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { type Language, sayIn } from "../language.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What every page needs to know. */
export type View = {
  language: Language;
  /** Of this page, for the language switch. */
  path: string;
  /** Name of who is signed in. */
  customerName: string | undefined;
};

/** The bank's page around `body`. `title` and `body` are in the view's language. */
export function layout(view: View, title: string, body: Html): Html {
  const { language, path, customerName } = view;
  const say = sayIn(language);
  const other = language === "ja" ? "en" : "ja";
  const bank = say("はるかぜ銀行", "Harukaze Bank");
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${title === "" ? bank : `${title} | ${bank}`}</title>
<link rel="stylesheet" href="/bank.css">
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<script type="module" src="/xid-button.js"></script>
</head>
<body>
<a class="skip" href="#main">${say("本文へ", "Skip to the content")}</a>
<header>
<p class="demo">${say(
    "これはxIDのデモです。はるかぜ銀行は架空の銀行で、口座に効力はありません。",
    "This is a demonstration of xID. Harukaze Bank does not exist, and its accounts have no effect.",
  )}</p>
<div class="head">
  <div class="inner">
    <a class="brand" href="/"><img src="/mark.svg" alt="" width="40" height="40"><span>${bank}<small>${say(
      "HARUKAZE BANK",
      "はるかぜ銀行",
    )}</small></span></a>
    <nav aria-label="${say("メニュー", "Menu")}">
      ${
        customerName === undefined
          ? html`<a class="plain" href="/open">${say("口座開設のご案内", "About opening an account")}</a>
      <xid-button data-testid="sign-in" action="sign-in" size="medium" appearance="outlined"><a href="/sign-in">${say("xIDでログイン", "Sign in with xID")}</a></xid-button>`
          : html`<a class="plain" data-testid="my-data" href="/account"${path === "/account" ? html` aria-current="page"` : ""}>${say("マイページ", "My page")}</a>
      <form method="post" action="/sign-out"><button class="quiet" data-testid="sign-out">${say("ログアウト", "Sign out")}</button></form>`
      }
      <a class="language" href="/language?to=${other}&from=${encodeURIComponent(path)}" lang="${other}" hreflang="${other}">${
        other === "en" ? "English" : "日本語"
      }</a>
    </nav>
  </div>
</div>
</header>
<main id="main">
${body}
</main>
<footer class="foot">
  <div class="inner">
    <p class="foot-name">${bank}</p>
    <p><span class="nowrap">${say("金融機関コード 9999（架空）", "Bank code 9999 (fictional)")}</span>
      <span class="nowrap">${say("お問い合わせ 0120-000-000（つながりません）", "Telephone 0120-000-000 (not connected)")}</span></p>
    <p>${say(
      "当行がログイン用のパスワードや暗証番号をお聞きすることはありません。",
      "We never ask you for a password or a PIN.",
    )}</p>
  </div>
</footer>
</body>
</html>`;
}
