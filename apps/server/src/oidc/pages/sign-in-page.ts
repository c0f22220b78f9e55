import { html } from "hono/html";
import type { Language } from "./language.ts";
import { renderPage } from "./layout.ts";
import { signInTexts } from "./sign-in-texts.ts";

export type SignIn = {
  language: Language;
  requestId: string;
  clientName: string;
  /** Host of the redirect URI. */
  domain: string;
  /** Base of the link in the QR code: a dot and the code of the second follow. */
  link: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
};

/**
 * The page on which a resident continues in the app. Every state's text is in it from the beginning; the script
 * (assets/sign-in.js) shows one, says it to screen readers, and draws the QR code.
 */
export function renderSignInPage(signIn: SignIn): Promise<string> {
  const { language, clientName, link, requestId, domain } = signIn;
  const texts = signInTexts[language];
  const named = (text: string) => text.replace("{service}", clientName);
  const title = named(texts.title);
  const back = html`<button type="button" class="secondary" data-action="back">${texts.back}</button>`;
  return renderPage({
    language,
    title,
    scripts: ["sign-in.js"],
    otherLanguage: `?lang=${language === "ja" ? "en" : "ja"}`,
    body: html`<div class="card sign-in" id="sign-in" data-request="${requestId}" data-link="${link}"
 data-expires="${signIn.expiresAt}" data-state="created">
<h1>${title}</h1>
<p class="domain"><span>${texts.domain}</span> <strong>${domain}</strong></p>
<noscript><p class="alert">${texts.noScript}</p></noscript>

<section data-show="created" data-say="${texts.waiting}">
<p class="lead">${texts.lead}</p>
<div class="ways">
<a id="open-app" class="primary" href="${link}"><span class="on-phone">${texts.openApp}</span><span class="on-desktop">${texts.openAppHere}</span></a>
<figure class="qr-way"><div id="qr" role="img" aria-label="${texts.qr}"></div></figure>
<ol class="steps">${texts.steps.map((step) => html`<li>${step}</li>`)}</ol>
</div>
<p class="hint">${texts.noApp}</p>
</section>

<section data-show="opened" data-via="qr" data-say="${texts.openedTitle}" hidden>
<h2>${texts.openedTitle}</h2>
<p class="check"><span>${texts.checkNumber}</span> <output id="check-number"></output></p>
<p>${texts.checkNumberHint}</p>
</section>

<section data-show="opened" data-via="link" data-say="${texts.openedHereTitle}" hidden>
<h2>${texts.openedHereTitle}</h2>
</section>

<section data-show="approved" data-via="qr" data-say="${named(texts.approvedTitle)}" hidden>
<h2>${named(texts.approvedTitle)}</h2><div class="progress" aria-hidden="true"></div>
</section>

<section data-show="approved" data-via="link" data-say="${texts.approvedHereTitle}" hidden>
<h2>${texts.approvedHereTitle}</h2>
</section>

<section data-show="completed" data-say="${texts.completedTitle}" hidden><h2>${texts.completedTitle}</h2></section>

<section data-show="declined" data-say="${texts.declinedTitle}" hidden>
<h2>${texts.declinedTitle}</h2><p>${texts.declinedText}</p>${back}
</section>

<section data-show="expired" data-say="${texts.expiredTitle}" hidden>
<h2>${texts.expiredTitle}</h2><p>${texts.expiredText}</p>${back}
</section>

<section data-show="cancelled" data-say="${texts.cancelledTitle}" hidden>
<h2>${texts.cancelledTitle}</h2><p>${texts.cancelledText}</p>${back}
</section>

<section data-show="failed" data-say="${texts.failedTitle}" hidden>
<h2>${texts.failedTitle}</h2><p>${texts.failedText}</p>${back}
</section>

<p class="alert" id="offline" hidden>${texts.offline}</p>
<p class="time" data-running>${texts.timeLeft} <span id="time-left" role="timer" aria-live="off"></span></p>
<p data-running><button type="button" class="quiet" data-action="back">${named(texts.cancel)}</button></p>
<p id="said" class="visually-hidden" role="status" aria-live="polite"></p>
</div>
<p class="help">${texts.help}</p>`,
  });
}

/** Where the app sends its own device's browser; the script (assets/return.js) hands the secret of the address in. */
export function renderReturnPage(language: Language, wrongBrowser: { title: string; text: string }): Promise<string> {
  const texts = signInTexts[language];
  return renderPage({
    language,
    title: texts.returning,
    scripts: ["return.js"],
    body: html`<div class="card message" id="returning">
<noscript><p class="alert">${texts.noScript}</p></noscript>
<div data-show="returning"><h1>${texts.returning}</h1><div class="progress" aria-hidden="true"></div></div>
<div data-show="refused" hidden><h1>${wrongBrowser.title}</h1><p>${wrongBrowser.text}</p></div>
<p class="visually-hidden" role="status" aria-live="polite" id="said"></p>
</div>`,
  });
}
