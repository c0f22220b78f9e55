import { html } from "hono/html";
import type { Language } from "./language.ts";
import { renderPage } from "./layout.ts";

export type Message = {
  title: string;
  text: string;
  /** For whoever mends it; shown small. */
  detail?: string | undefined;
};

/** A page that only says something: nothing to do here any more. */
export function renderMessagePage(language: Language, { title, text, detail }: Message): Promise<string> {
  return renderPage({
    language,
    title,
    body: html`<div class="card message">
<h1>${title}</h1>
<p>${text}</p>
${detail === undefined ? "" : html`<p class="detail"><code>${detail}</code></p>`}
</div>`,
  });
}

export const messages = {
  wrongBrowser: {
    ja: {
      title: "はじめのブラウザに戻ってください",
      text: "このログインは別のブラウザで始まりました。安全のため、サービスを開いたブラウザでだけ続けることができます。そのブラウザに戻るか、このブラウザでサービスを開き直してください。",
    },
    en: {
      title: "Go back to your other browser",
      text: "This sign-in began in another browser. To keep you safe it can go on only there. Return to that browser, or open the service again in this one.",
    },
  },
  gone: {
    ja: {
      title: "このログインは終わっています",
      text: "有効時間が過ぎたか、すでに完了しています。サービスの画面からもう一度ログインしてください。",
    },
    en: {
      title: "This sign-in is over",
      text: "Its time has run out or it is already complete. Please sign in again from the service.",
    },
  },
  failed: {
    ja: {
      title: "ログインを続けられません",
      text: "サービスから届いた内容に問題があります。サービスの画面に戻ってやり直してください。繰り返す場合は、サービスの窓口にお知らせください。",
    },
    en: {
      title: "Sign-in cannot continue",
      text: "There is a problem with what the service sent. Go back to the service and try again. If it happens again, please tell the service.",
    },
  },
  unavailable: {
    ja: { title: "問題が起きました", text: "しばらくしてから、サービスの画面からもう一度お試しください。" },
    en: { title: "Something went wrong", text: "Please try again from the service in a while." },
  },
  tooMany: {
    ja: { title: "操作の回数が多すぎます", text: "少し時間をおいてからお試しください。" },
    en: { title: "Too many attempts", text: "Please wait a little and try again." },
  },
  signedOut: {
    ja: { title: "ログアウトしました", text: "この画面は閉じてかまいません。" },
    en: { title: "You are signed out", text: "You can close this page." },
  },
} as const satisfies Record<string, Record<Language, Message>>;
