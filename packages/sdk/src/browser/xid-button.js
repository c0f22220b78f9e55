/**
 * `<xid-button>`: the button to xID for a relying party's page, a real link in the colours of the Digital Agency's
 * design system. One plain file for the browser, to be served by the relying party itself; needs no style or script
 * of others and no exception in a Content-Security-Policy.
 *
 *     <xid-button action="sign-in"><a href="/sign-in">xIDでログイン</a></xid-button>
 *
 * The link inside is what people get whose browser runs no script, and where the button leads.
 *
 * | attribute  | values                                                                                            |
 * |------------|---------------------------------------------------------------------------------------------------|
 * | action     | `sign-in` (default), `sign-up`, `open-account`, `verify`, `sign`, `continue`                       |
 * | href       | where it leads; default: the link inside                                                          |
 * | lang       | `ja` (default) or `en`; default: the language of the page around it                               |
 * | size       | `large` (56 px, default), `medium` (48 px), `small` (36 px, touch area 44 px)                     |
 * | appearance | `filled` (default), `outlined`                                                                    |
 * | wide       | present: as wide as its place                                                                     |
 */

/** @typedef {"sign-in" | "sign-up" | "open-account" | "verify" | "sign" | "continue"} Action */
/** @typedef {"ja" | "en"} Language */

/** @type {Record<Action, Record<Language, string>>} */
const labels = {
  "sign-in": { ja: "xIDでログイン", en: "Sign in with xID" },
  "sign-up": { ja: "xIDで登録", en: "Sign up with xID" },
  "open-account": { ja: "xIDで口座開設", en: "Open an account with xID" },
  verify: { ja: "xIDで本人確認", en: "Verify with xID" },
  sign: { ja: "xIDで署名", en: "Sign a document with xID" },
  continue: { ja: "xIDで続ける", en: "Continue with xID" },
};

/** A card with a wave of contactless reading: the mark before the text. */
const mark = [
  "M4 5h11a2 2 0 0 1 2 2v2h-2V7H4v10h11v-2h2v2a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z",
  "M5.5 9.5h4v3h-4z",
  "M17.4 14.3a3.2 3.2 0 0 0 0-4.6l1.3-1.4a5.1 5.1 0 0 1 0 7.4l-1.3-1.4Z",
  "M20.3 17.1a7.1 7.1 0 0 0 0-10.2l1.3-1.4a9 9 0 0 1 0 13l-1.3-1.4Z",
];

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: inline-block; max-width: 100%; }
  :host([wide]) { display: block; }
  :host([hidden]) { display: none; }
  a {
    box-sizing: border-box; position: relative; display: inline-flex; align-items: center; justify-content: center;
    gap: 0.5em; width: 100%; min-height: 56px; padding: 8px 24px; border: 1px solid transparent;
    border-radius: 8px; background: #0017c1; color: #fff; text-decoration: none;
    font: bold 1rem/1.5 "Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", Meiryo, system-ui, sans-serif;
    letter-spacing: 0.02em; text-align: center;
  }
  :host([size="medium"]) a { min-height: 48px; padding: 6px 16px; }
  :host([size="small"]) a { min-height: 36px; padding: 2px 12px; border-radius: 6px; font-size: 0.875rem; }
  :host([size="small"]) a::after { content: ""; position: absolute; inset: -5px 0; }
  svg { flex: none; width: 1.5em; height: 1.5em; fill: currentColor; }
  a:hover { background: #00118f; text-decoration: underline; text-underline-offset: 3px; }
  a:active { background: #000060; }
  :host([appearance="outlined"]) a { border-color: #0017c1; background: #fff; color: #0017c1; }
  :host([appearance="outlined"]) a:hover { background: #e8f1fe; color: #00118f; border-color: #00118f; }
  :host([appearance="outlined"]) a:active { background: #d9e6ff; color: #000060; border-color: #000060; }
  a:focus-visible { outline: 4px solid #000; outline-offset: 2px; box-shadow: 0 0 0 2px #ffd43d; }
  @media (forced-colors: active) { a { border-color: LinkText; } }
`);

class XidButton extends HTMLElement {
  static observedAttributes = ["action", "href", "lang"];

  /** @type {HTMLAnchorElement} */
  #link = document.createElement("a");
  #label = document.createElement("span");

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [style];
    this.#link.append(drawMark(), this.#label);
    root.append(this.#link);
  }

  connectedCallback() {
    this.#show();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#show();
  }

  #show() {
    const href = this.getAttribute("href") ?? this.querySelector("a")?.getAttribute("href");
    if (href) this.#link.href = href;
    else this.#link.removeAttribute("href");
    const language = this.#language();
    const action = /** @type {Action} */ (this.getAttribute("action") ?? "sign-in");
    this.#link.lang = language;
    this.#label.textContent = (labels[action] ?? labels["sign-in"])[language];
  }

  /** @returns {Language} */
  #language() {
    const around = this.closest("[lang]")?.getAttribute("lang") ?? "ja";
    return around.toLowerCase().startsWith("en") ? "en" : "ja";
  }
}

function drawMark() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of mark) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

customElements.define("xid-button", XidButton);
