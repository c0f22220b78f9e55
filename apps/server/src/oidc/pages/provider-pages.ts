import type { ErrorOut, KoaContextWithOIDC } from "oidc-provider";
import { chooseLanguage, type Language } from "./language.ts";
import { messages, renderMessagePage } from "./message-page.ts";

/** What the library shows when it cannot send an error back to the relying party: a page, or JSON to a program that asks for it. */
export async function renderErrorPage(context: KoaContextWithOIDC, out: ErrorOut): Promise<void> {
  if (context.accepts("html", "json") === "json") {
    context.body = out;
    return;
  }
  const language = languageOf(context);
  const { failed, unavailable } = messages;
  const message = out.error === "server_error" ? unavailable[language] : failed[language];
  const detail = [out.error, out.error_description].filter(Boolean).join(": ").slice(0, 300);
  context.type = "html";
  context.body = await renderMessagePage(language, { ...message, detail });
}

export async function renderSignedOutPage(context: KoaContextWithOIDC): Promise<void> {
  const language = languageOf(context);
  context.type = "html";
  context.body = await renderMessagePage(language, messages.signedOut[language]);
}

function languageOf(context: KoaContextWithOIDC): Language {
  const uiLocales = context.oidc?.params?.ui_locales;
  return chooseLanguage({
    uiLocales: typeof uiLocales === "string" ? uiLocales : undefined,
    acceptLanguage: context.get("accept-language"),
  });
}
