// Writes docs/pictures/xid-button.png: the button of @xid/sdk/browser in its sizes, appearances and languages.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { chromiumPath } from "../e2e/browser.ts";

const script = readFileSync(new URL("../packages/sdk/src/browser/xid-button.js", import.meta.url), "utf8");
const buttons = [
  { action: "sign-in", lang: "ja", size: "large" },
  { action: "verify", lang: "ja", size: "medium" },
  { action: "open-account", lang: "en", size: "small" },
];
const row = (appearance: string) =>
  buttons
    .map(({ action, lang, size }) => {
      const attributes = `action="${action}" lang="${lang}" size="${size}" appearance="${appearance}" href="/"`;
      return `<xid-button ${attributes}></xid-button>`;
    })
    .join("");
const page = `<!doctype html><html lang="ja"><style>body{margin:24px;background:#fff;width:760px}
div{display:flex;gap:24px;align-items:center;margin:16px 0}</style><script type="module">${script}</script>
<div>${row("filled")}</div><div>${row("outlined")}</div>`;

const browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox", "--disable-gpu"] });
const tab = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 808, height: 220 } });
await tab.setContent(page);
await tab.locator("xid-button a").first().waitFor();
mkdirSync(new URL("../docs/pictures/", import.meta.url), { recursive: true });
await tab.screenshot({ path: new URL("../docs/pictures/xid-button.png", import.meta.url).pathname });
await browser.close();
