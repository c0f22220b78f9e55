import { html } from "hono/html";
import { sayIn } from "../language.ts";
import { type Html, layout, type View } from "./layout.ts";

export function signedOut(view: View): Html {
  const say = sayIn(view.language);
  const heading = say("ログアウトしました", "You are signed out");
  return layout(
    view,
    heading,
    html`<div class="inner narrow trouble">
  <h1>${heading}</h1>
  <p class="lead">${say(
    "ご利用ありがとうございました。次回も、xIDで確認するだけでログインできます。",
    "Thank you. Next time too, a confirmation in xID is all it takes.",
  )}</p>
  <div class="act"><a class="button" href="/">${say("トップページへ", "Back to the home page")}</a></div>
</div>`,
  );
}
