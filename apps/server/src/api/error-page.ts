import { html } from "hono/html";
import { type ApiProblemCode, apiProblemCodes, problemDescription } from "../http/problem.ts";
import { withCode } from "./reference-page.ts";

const whoMends = {
  resident: { ja: "ご本人", en: "the resident" },
  relying_party: { ja: "サービス(リライングパーティ)", en: "the relying party" },
  operator: { ja: "プラットフォームの運営者", en: "the operator of the platform" },
} as const;

/** The error book: every problem that the platform tells anybody of, by its code, made of the code. `type` leads here. */
export function errorPage() {
  const codes = apiProblemCodes.toSorted();
  return html`<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>xID エラーの手引き</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/v1/docs.css">
</head>
<body>
<header><h1>エラーの手引き <span lang="en">The error book</span></h1>
<p>APIの応答の <code>code</code> から、原因・誰が直せるか・どうすればよいか・ご本人に見せる文を引けます。<span lang="en">By the <code>code</code> of an answer: why it happens, who can mend it, what to do, and what to show to the resident.</span></p>
<p><a href="/v1/docs">xID API v1</a></p>
</header>
<main>
<nav aria-label="code"><ul class="codes">${codes.map((code) => html`<li><a href="#${code}"><code>${code}</code></a></li>`)}</ul></nav>
${codes.map(section)}
</main>
</body>
</html>
`;
}

function section(code: ApiProblemCode) {
  const { status, title, mendedBy, resident, page } = problemDescription(code);
  const who = whoMends[mendedBy];
  return html`<section id="${code}" aria-labelledby="${code}-title">
<h2 id="${code}-title">${page.title} <span lang="en">${title}</span></h2>
<p class="route"><code>${code}</code> <span>HTTP ${status}</span></p>
<dl>
<dt>原因 <span lang="en">Cause</span></dt>
<dd>${withCode(page.cause.ja)} <span lang="en">${withCode(page.cause.en)}</span></dd>
<dt>直せる人 <span lang="en">Who can mend it</span></dt>
<dd>${who.ja} <span lang="en">${who.en}</span></dd>
<dt>すること <span lang="en">What to do</span></dt>
<dd>${withCode(page.mend.ja)} <span lang="en">${withCode(page.mend.en)}</span></dd>
<dt>ご本人に見せる文 <span lang="en">What to show to the resident</span></dt>
<dd><ul><li>${resident.ja}</li><li>${page.easy} <span class="note">やさしい日本語</span></li><li lang="en">${resident.en}</li></ul></dd>
</dl>
</section>`;
}
