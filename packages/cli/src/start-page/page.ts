import type { Places } from "../places.ts";
import type { PartName, PartState } from "../up/part.ts";
import { type Html, html } from "./html.ts";
import type { Resident, Status } from "./status.ts";
import { tour } from "./tour.ts";

type Bilingual = { ja: string; en: string };

const partTitles: Record<PartName, Bilingual> = {
  sandbox: { ja: "市役所・カード・認証局(シミュレーション)", en: "City office, cards and CA (simulated)" },
  server: { ja: "xIDプラットフォーム", en: "Platform: OpenID Provider and APIs" },
  wallet: { ja: "xIDアプリ(Web版)", en: "xID app, web build" },
  bank: { ja: "デモ銀行", en: "Demo bank" },
};

const stateTexts: Record<PartState, Bilingual> = {
  waiting: { ja: "待機中", en: "waiting" },
  starting: { ja: "起動中", en: "starting" },
  building: { ja: "作成中(初回のみ)", en: "building, first time only" },
  ready: { ja: "稼働中", en: "ready" },
  restarting: { ja: "再起動中", en: "restarting" },
  failed: { ja: "停止(エラー)", en: "failed" },
  stopped: { ja: "停止", en: "stopped" },
};

/** What a relying party may ask for, each with the example in docs/examples that does it. */
const services: (Bilingual & { example: string })[] = [
  { ja: "電子認証", en: "sign-in", example: "sign-in" },
  { ja: "個人情報確認", en: "verified attributes", example: "verified-attributes" },
  { ja: "公的個人認証", en: "signature by the card", example: "card-signature" },
  { ja: "電子署名", en: "signature of a document", example: "document-signature" },
  { ja: "マイナンバー", en: "hand-over of a My Number", example: "my-number" },
  { ja: "本人確認情報更新", en: "does it still hold?", example: "re-verification" },
  { ja: "最新基本4情報", en: "latest attributes", example: "latest-attributes" },
];

/** The whole start page for one moment. Sections with `data-live` are replaced by the page's script when they change. */
export function startPage(status: Status, places: Places): Html {
  return html`<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>xID スタートページ Start page</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/start-page.css">
<script src="/start-page.js" type="module"></script>
</head>
<body>
<header>
<div class="width">
<p class="brand">xID<span class="badge">サンドボックス Sandbox</span></p>
<h1>マイナンバーカードを一度読むだけ。あとはワンタッチ。</h1>
<p lang="en">Read the card once. From then on, one touch proves who you are.</p>
</div>
</header>
<main class="width">
${statusSection(status)}
${tour(status.residents[0], places)}
${residentsSection(status, places)}
${developerSection(places)}
</main>
<footer class="width">
<p>この環境の住民・カード・証明書はすべて架空のものです。</p>
<p lang="en">Every resident, card and certificate here is simulated. None of it is accepted by a production system.</p>
</footer>
</body>
</html>
`;
}

function statusSection(status: Status): Html {
  const headline = status.ready
    ? html`<p class="headline ready">準備ができました。<span lang="en">Everything is running.</span></p>`
    : html`<p class="headline">準備しています。初回は数分かかることがあります。<span lang="en">Getting ready. The first start can take some minutes.</span></p>`;
  return html`<section id="status" data-live aria-labelledby="status-title">
<h2 id="status-title">稼働状況 <span lang="en">Status</span></h2>
<div role="status">${headline}</div>
<ul class="parts">
${status.parts.map(
  ({ name, url, state, detail }) => html`<li data-state="${state}">
<span class="state">${stateTexts[state].ja} <span lang="en">${stateTexts[state].en}</span></span>
<span class="part"><strong>${partTitles[name].ja}</strong> <span lang="en">${partTitles[name].en}</span>
${state === "ready" ? html`<a href="${partLink(name, url)}">${url.replace("http://", "")}</a>` : html`<span class="detail">${detail}</span>`}</span>
</li>
`,
)}</ul>
</section>`;
}

/** The platform has no page of its own: the reference of its API says what is there. */
function partLink(name: PartName, url: string): string {
  return name === "server" ? `${url}/v1/docs` : url;
}

function residentsSection({ residents, residentCount }: Status, places: Places): Html {
  const more = residentCount > residents.length ? `全${residentCount}人` : "";
  const table = html`<div class="scroll" role="group" aria-label="住民と暗証番号の表" tabindex="0"><table>
<thead><tr><th scope="col">住民 <span class="columns" lang="en">Resident</span></th><th scope="col">署名用パスワード <span class="columns" lang="en">Signature password</span></th><th scope="col">利用者証明用 <span class="columns" lang="en">Auth. PIN</span></th><th scope="col">券面用 <span class="columns" lang="en">Text PIN</span></th></tr></thead>
<tbody>${residents.map((resident) => residentRow(resident, places))}</tbody>
</table></div>`;
  const nobody = html`<p>まだ住民がいません。<span lang="en">No residents yet.</span></p>`;
  return html`<section id="residents" data-live aria-labelledby="residents-title">
<h2 id="residents-title">住民と暗証番号 <span lang="en">Residents and their PINs</span></h2>
${residents.length > 0 ? table : nobody}
<p><a class="action" href="${places.sandbox}">市役所で住民をつくる ${more}<span lang="en">City office: more residents, moves, revocations</span></a></p>
</section>`;
}

function residentRow({ id, persona, name, pins }: Resident, places: Places): Html {
  return html`<tr><th scope="row"><a href="${places.sandbox}/people/${encodeURIComponent(id)}">${name}</a><span class="persona">${persona}</span></th><td><code>${pins.signature}</code></td><td><code>${pins.authentication}</code></td><td><code>${pins.text}</code></td></tr>
`;
}

function developerSection(places: Places): Html {
  const shift = places.portBase === 4000 ? "" : ` --port-base ${places.portBase}`;
  const data = places.dataDirectory === ".xid" ? "" : ` --data ${places.dataDirectory}`;
  const issuer = places.portBase === 4000 ? "" : `XID_ISSUER=${places.platform} XID_SANDBOX=${places.sandbox} `;
  return html`<section aria-labelledby="developers-title">
<h2 id="developers-title">開発者の方へ <span lang="en">For developers</span></h2>
<p>どのOpenID Connectライブラリでも使えます。登録も承認も要りません。<br><span lang="en">Any OpenID Connect library works. In the sandbox a client registers itself.</span></p>
<dl><dt>Issuer</dt><dd><code>${places.platform}</code></dd></dl>
<ul class="references">
<li><a href="${places.platform}/v1/docs">APIリファレンス</a> <span lang="en">API reference</span></li>
<li><a href="${places.platform}/v1/errors">エラーの手引き</a> <span lang="en">The error book</span></li>
<li><a href="${places.platform}/v1/openapi.json">OpenAPI 3.1</a></li>
<li><a href="${places.platform}/.well-known/openid-configuration">OpenID Provider</a></li>
</ul>
<h3>7つのサービス <span lang="en">Seven services</span></h3>
<p>それぞれ、動く見本があります。<span lang="en">Each has an example that runs:</span></p>
<dl class="services">
${services.map(
  ({
    ja,
    en,
    example,
  }) => html`<dt>${ja} <span lang="en">${en}</span></dt><dd><code>docs/examples/${example}.ts</code></dd>
`,
)}</dl>
<pre tabindex="0" aria-label="コマンド"><code>${issuer}npx node docs/examples/sign-in.ts
npx xid person create --persona default --json${shift}
npx xid wallet enrol --person ID${shift}${data}
npx xid client register --redirect-uri http://localhost:3000/callback${shift}${data}
npx xid wallet sign-in --person ID --url AUTHORIZATION_URL${data}</code></pre>
</section>`;
}
