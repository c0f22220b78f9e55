import { z } from "@hono/zod-openapi";
import { apiScopes } from "@xid/protocol";
import { html } from "hono/html";
import { problemDescription } from "../http/problem.ts";
import { mediaTypes } from "./read-call.ts";
import type { ApiRoute } from "./route.ts";
import { apiRoutes, problemsOf } from "./routes.ts";

type Schema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
};

type Field = { name: string; type: string };

/** The table of routes as a page for people, made once: no script, nothing from elsewhere. */
export function referencePage(issuer: string) {
  return html`<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>xID API v1</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/v1/docs.css">
</head>
<body>
<header><h1>xID API v1</h1>
<p>サービス(リライングパーティ)のサーバーが呼び出すAPIです。<span lang="en">What the servers of relying parties call.</span></p>
<p><a href="/v1/openapi.json">OpenAPI 3.1</a> · <a href="/.well-known/openid-configuration">OpenID Provider</a></p>
</header>
<main>
<nav aria-label="API">
<ul>${apiRoutes.map((route) => html`<li><a href="#${route.name}"><code>${route.method.toUpperCase()} /v1${route.path}</code> ${route.summary.ja} <span lang="en">${route.summary.en}</span></a></li>`)}</ul>
</nav>
<section id="access">
<h2>認証 <span lang="en">Access</span></h2>
<p>OpenID Providerのトークンエンドポイントで受け取ったアクセストークンを送ります。利用者の承認で得たトークンと、サービス自身のトークン(<code>grant_type=client_credentials</code>)があります。DPoPで鍵に結び付けたトークンには、呼び出しごとの証明が要ります。</p>
<p lang="en">Send an access token from the OpenID Provider's token endpoint: the one that a person's approval gave, or the relying party's own (<code>grant_type=client_credentials</code>). One that is bound to a key (DPoP) needs a proof for each call.</p>
<pre tabindex="0"><code>GET ${issuer}/v1/requests/{id}
Authorization: DPoP …
DPoP: …</code></pre>
<p>残りの呼び出し回数は <code>RateLimit-Limit</code>・<code>RateLimit-Remaining</code>・<code>RateLimit-Reset</code>(秒)でわかります。<span lang="en">These headers say how many calls are left, and in how many seconds all are.</span></p>
<p>新しく作る呼び出しには <code>Idempotency-Key</code> をつけられます。同じキー・同じ本文の再送は、24時間のあいだ、同じ応答になり、二重に作られません。</p>
<p lang="en">A call that creates something takes an <code>Idempotency-Key</code>: the same body under the same key has the same answer for a day, and is done once.</p>
</section>
${scopeSection()}
${apiRoutes.map(routeSection)}
${errorSection()}
</main>
</body>
</html>
`;
}

function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** Descriptions are CommonMark (OpenAPI 3.1), of which ours use code spans only. */
export function withCode(text: string) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

function routeSection(route: ApiRoute) {
  const { name, method, path, summary, description, access, answer, query, body, creates, deprecated } = route;
  return html`<section id="${name}">
<h2>${summary.ja} <span lang="en">${summary.en}</span></h2>
<p class="route"><code>${method.toUpperCase()} /v1${path}</code> ${Object.values(access).map((scope) => html`<span>scope: <a href="#scopes"><code>${scope}</code></a></span>`)}</p>
${deprecated ? html`<p class="old">非推奨です。${dateOf(deprecated.sunset)} に終わります。<span lang="en">Deprecated; ends on ${dateOf(deprecated.sunset)}.</span></p>` : ""}
<p>${withCode(description.ja)}</p>
<p lang="en">${withCode(description.en)}</p>
${creates ? html`<p><code>Idempotency-Key</code></p>` : ""}
${query ? fieldTables("クエリ", "Query", query) : ""}
${body?.form === "json" ? fieldTables("本文の項目", "Body", body.shape, "input") : ""}
${body?.form === "bytes" ? html`<p>本文 <span lang="en">Body</span>: <code>${mediaTypes(body).join(", ")}</code>, ≤ ${body.maxSize / 1024 / 1024} MiB</p>` : ""}
${answer === null ? html`<p>本文なし (204) <span lang="en">no body</span></p>` : "mediaType" in answer ? html`<p>応答 <span lang="en">Answer</span>: <code>${answer.mediaType}</code></p>` : fieldTables("応答の項目", "Answer", answer)}
<p class="problems">エラー <span lang="en">Errors</span>: ${problemsOf(route).map((code) => html`<a href="/v1/errors#${code}"><code>${code}</code></a> `)}</p>
</section>`;
}

function fieldTables(ja: string, en: string, shape: z.ZodType, io: "input" | "output" = "output") {
  const schema = z.toJSONSchema(shape, { io }) as Schema;
  const forms = schema.anyOf ?? schema.oneOf ?? [schema];
  return forms.map(
    (form) => html`<table>
<thead><tr><th scope="col">${ja} <span lang="en">${en}</span></th><th scope="col">型 <span lang="en">Type</span></th></tr></thead>
<tbody>${fieldsOf(form).map(({ name, type }) => html`<tr><td><code>${name}</code></td><td>${type}</td></tr>`)}</tbody>
</table>`,
  );
}

function scopeSection() {
  return html`<section id="scopes">
<h2>スコープ <span lang="en">Scopes</span></h2>
<table class="scopes">
<thead><tr><th scope="col">scope</th><th scope="col">トークン <span lang="en">Token</span></th><th scope="col">できること <span lang="en">Reaches</span></th></tr></thead>
<tbody>${Object.entries(apiScopes).map(([scope, { token, ja, en }]) => html`<tr><td><code>${scope}</code></td><td>${token === "person" ? html`本人の承認から <span lang="en">from a person's approval</span>` : html`<code>client_credentials</code>`}</td><td>${ja} <span lang="en">${en}</span></td></tr>`)}</tbody>
</table>
</section>`;
}

function errorSection() {
  const codes = [...new Set(apiRoutes.flatMap(problemsOf))];
  return html`<section id="errors">
<h2>エラー <span lang="en">Errors</span></h2>
<p><code>application/problem+json</code> (RFC 9457)。<code>code</code> は変わりません。<span lang="en">The code is stable; the texts may change.</span> <a href="/v1/errors">エラーの手引き <span lang="en">The error book</span></a></p>
<table>
<thead><tr><th scope="col">code</th><th scope="col" class="status">HTTP</th><th scope="col">意味 <span lang="en">Meaning</span></th></tr></thead>
<tbody>${codes.map((code) => {
    const { status, title, page } = problemDescription(code);
    return html`<tr><td><a href="/v1/errors#${code}"><code>${code}</code></a></td><td>${status}</td><td>${page.title} <span lang="en">${title}</span></td></tr>`;
  })}</tbody>
</table>
</section>`;
}

function fieldsOf(schema: Schema, prefix = ""): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const inner = [member, ...(member.anyOf ?? member.oneOf ?? [])];
    const object = inner.find(({ properties }) => properties);
    const array = inner.find(({ items }) => items);
    const below = object
      ? fieldsOf(object, `${path}.`)
      : array?.items?.properties
        ? fieldsOf(array.items, `${path}[].`)
        : [];
    return [{ name: path, type: typeName(member) }, ...below];
  });
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms) return forms.map(typeName).join(" | ");
  if (schema.items) return `${typeName(schema.items)}[]`;
  return [schema.type].flat().join(" | ") + (schema.format ? ` (${schema.format})` : "");
}

export const referenceStyle = `:root { color-scheme: light; font-family: "Hiragino Sans", "Noto Sans JP", "Noto Sans CJK JP", "Yu Gothic Medium", Meiryo, system-ui, sans-serif; line-height: 1.7; color: #1a1a1c; background: #f4f5f9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; margin: 1rem 0 0; }
h2 { font-size: 1.25rem; margin: 0 0 0.5rem; }
a { color: #0017c1; text-underline-offset: 0.3em; }
a:focus-visible { outline: 4px solid #000; outline-offset: 2px; background: #ffd43d; }
[lang="en"] { color: #4a4a52; }
h2 [lang="en"] { font-size: 1rem; font-weight: 400; margin-left: 0.5rem; }
section, nav { background: #fff; border: 1px solid #d5d7e0; border-radius: 12px; padding: 1.25rem; margin: 1.25rem 0; }
nav ul { margin: 0; padding-left: 1.25rem; }
.status { width: 4rem; }
.scopes th:first-child { width: 8rem; }
.scopes th:nth-child(2) { width: 12rem; }
.old { border-left: 6px solid #b42318; padding-left: 0.75rem; }
.codes { columns: 18rem; }
.note { color: #4a4a52; font-size: 0.85em; }
dt { font-weight: 700; margin-top: 0.75rem; }
dt [lang="en"] { font-weight: 400; }
dd { margin: 0; }
dd ul { margin: 0; padding-left: 1.25rem; }
.route { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; }
code { font-family: "Noto Sans Mono CJK JP", ui-monospace, monospace; font-size: 0.9em; background: #f4f5f9; border-radius: 4px; padding: 0.1em 0.3em; }
pre { background: #f4f5f9; padding: 0.75rem 1rem; border-radius: 8px; overflow-x: auto; }
pre code { padding: 0; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; margin: 1rem 0 0; font-size: 0.95rem; }
th:first-child { width: 50%; }
th, td { text-align: left; vertical-align: top; border-top: 1px solid #d5d7e0; padding: 0.4rem 0.75rem 0.4rem 0; }
`;
