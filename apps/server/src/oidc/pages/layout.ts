import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Language } from "./language.ts";

export type Page = {
  language: Language;
  title: string;
  body: HtmlEscapedString | Promise<HtmlEscapedString>;
  /** Modules among our own assets. */
  scripts?: string[];
  /** Address of the same page in the other language; none where the page cannot be asked for again. */
  otherLanguage?: string;
};

const mark = raw(
  '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="7"/>' +
    '<path d="M9 10l6 6-6 6M23 10l-6 6 6 6"/></svg>',
);

/** One frame for every page. All that goes into it is escaped by the template. */
export async function renderPage({ language, title, body, scripts = [], otherLanguage }: Page): Promise<string> {
  const switchTo = language === "ja" ? { lang: "en", name: "English" } : { lang: "ja", name: "日本語" };
  const page = await html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} | xID</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/xid.css">
${scripts.map((name) => html`<script type="module" src="/assets/${name}"></script>`)}
</head>
<body>
<header class="top">
<span class="brand">${mark}<span>xID</span></span>
${
  otherLanguage === undefined
    ? ""
    : html`<a class="language" href="${otherLanguage}" lang="${switchTo.lang}" hreflang="${switchTo.lang}">${switchTo.name}</a>`
}
</header>
<main>
${await body}
</main>
</body>
</html>
`;
  return String(page);
}
