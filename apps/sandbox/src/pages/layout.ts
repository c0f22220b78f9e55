import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { faultWords } from "./fault-words.ts";
import type { Reader } from "./language.ts";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export type Page = {
  title: string;
  body: Html;
  /** Which entry of the navigation this is. */
  section?: "residents" | "registration" | "authorities" | "clock" | "faults" | "town";
};

/** The city office around a page. */
export function layout(reader: Reader, { title, body, section }: Page): Html {
  const { say, language, otherLanguage, moment, surroundings } = reader;
  const other = say("en", "ja");
  const entries = [
    { id: "residents", href: "/", text: say("住民一覧", "Residents") },
    { id: "registration", href: "/people/new", text: say("住民を登録", "Register") },
    { id: "town", href: "/town", text: say("大きな町", "Town") },
    { id: "clock", href: "/clock", text: say("時計", "Clock") },
    { id: "faults", href: "/faults", text: say("障害の再現", "Faults") },
    { id: "authorities", href: "/authorities", text: say("認証局", "Authorities") },
  ];
  return html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light">
    <title>${title} | ${say("模擬市役所", "Simulated City Office")}</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <a class="skip" href="#main">${say("本文へ移動", "Skip to content")}</a>
    <header>
      <p class="simulation">
        ${say(
          "これはxIDの模擬環境です。人物・個人番号・電子証明書はすべて架空のものです。",
          "This is the xID sandbox. All people, numbers and certificates are fictional.",
        )}
      </p>
      <div class="wide bar">
        <a class="name" href="/">
          <img src="/icon.svg" alt="" width="36" height="36">
          <span>${say("模擬市役所", "City Office")}<small>${say("Simulated City Office", "模擬市役所")}</small></span>
        </a>
        <a class="clock" href="/clock">
          <span>${say("模擬環境の時刻", "Sandbox time")}${surroundings.isAhead ? html` <strong>${say("進めています", "moved ahead")}</strong>` : ""}</span>
          <time class="clock-time" datetime="${surroundings.now.toISOString()}">${moment(surroundings.now)}</time>
        </a>
        <a class="language" href="${otherLanguage}" lang="${other}" hreflang="${other}">${say("English", "日本語")}</a>
      </div>
      <nav aria-label="${say("メニュー", "Menu")}">
        <ul class="wide menu">
          ${entries.map(
            ({ id, href, text }) =>
              html`<li><a class="menu-entry" href="${href}" ${id === section ? html`aria-current="page"` : ""}>${text}</a></li>`,
          )}
        </ul>
      </nav>
    </header>
    ${surroundings.faults.length === 0 ? "" : faultsBanner(reader)}
    <main id="main" class="wide" tabindex="-1">${body}</main>
    <footer>
      <div class="wide">
        <p>${say("xID 模擬環境（SIM-JPKI）", "xID sandbox (SIM-JPKI)")}</p>
        <p>
          ${say(
            "実在の市区町村・公的個人認証サービスとは関係がなく、ここで発行された電子証明書は本番環境では受け付けられません。",
            "Not connected to any real municipality or to JPKI. Nothing issued here is accepted in production.",
          )}
        </p>
      </div>
    </footer>
  </body>
</html>`;
}

/** On every page while something goes wrong on demand, so that nobody looks for the fault elsewhere. */
function faultsBanner({ say, language, surroundings }: Reader): Html {
  const names = [...new Set(surroundings.faults)].map((kind) => faultWords[kind][language]);
  return html`<aside class="faults-banner" aria-label="${say("起こしている障害", "Faults switched on")}">
    <p class="wide">
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="${symbols.failure}"/></svg>
      <span><strong>${say("障害を起こしています：", "Switched on: ")}</strong>${names.join(say("、", ", "))}</span>
      <a href="/faults">${say("確認・解除", "See, or switch off")}</a>
    </p>
  </aside>`;
}

/** What came of something the reader did. */
export function notice(kind: "success" | "failure", title: string, text: Html | string = ""): Html {
  return html`<section class="notice ${kind}" role="${kind === "failure" ? "alert" : "status"}">
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="${symbols[kind]}"/></svg>
    <div><h2>${title}</h2>${text ? html`<p>${text}</p>` : ""}</div>
  </section>`;
}

const symbols = {
  success: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1.6 14.6-4.2-4.2 1.4-1.4 2.8 2.8 6-6 1.4 1.4z",
  failure: "M12 2 1 21h22zm1 16h-2v-2h2zm0-4h-2V9h2z",
};
