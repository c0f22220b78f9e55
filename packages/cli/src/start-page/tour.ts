import type { Places } from "../places.ts";
import { type Html, html } from "./html.ts";
import type { Resident } from "./status.ts";

/** The first visit in numbered steps, with a resident whose card can be used. */
export function tour(resident: Resident | undefined, places: Places): Html {
  const card = resident
    ? html`「${resident.name}」のカードを選び、署名用パスワード <code>${resident.pins.signature}</code> を入力して、カードをかざします。`
    : html`市役所でつくった住民のカードを選び、署名用パスワードを入力して、カードをかざします。`;
  const cardEnglish = resident
    ? html`Choose ${resident.name}’s card, type the signature password <code>${resident.pins.signature}</code> and tap the card.`
    : html`Choose the card of a resident from the city office, type the signature password and tap the card.`;
  return html`<section id="tour" data-live aria-labelledby="tour-title">
<h2 id="tour-title">5分で体験 <span lang="en">The five-minute tour</span></h2>
<ol class="tour">
<li><h3>デモ銀行を開く <span lang="en">Open the demo bank</span></h3>
<p><a class="action primary" href="${places.bank}" target="_blank" rel="noopener">デモ銀行へ<span lang="en">Go to the bank</span></a></p></li>
<li><h3>「xIDで口座開設」を押す <span lang="en">Press “Open an account with xID”</span></h3>
<p>ログイン画面で「この端末のxIDアプリで続ける」を押すと、xIDアプリが開きます。 <span lang="en">On the sign-in page, “Continue with the xID app on this device” opens it.</span></p></li>
<li><h3>カードで登録する <span lang="en">Enrol with a card</span></h3>
<p>${card} <span lang="en">${cardEnglish}</span></p></li>
<li><h3>相手と内容を確かめて許可する <span lang="en">See who asks for what, and allow it</span></h3>
<p>選べる項目は、渡すかどうかを自分で決められます。 <span lang="en">Voluntary items are yours to give or keep.</span></p></li>
<li><h3>銀行に戻る <span lang="en">Back at the bank</span></h3>
<p>本人確認済みの氏名・生年月日・性別・住所が表示されます。 <span lang="en">It shows your verified name, birth date, sex and address.</span></p></li>
<li><h3>サインアウトして、もう一度 <span lang="en">Sign out, and sign in again</span></h3>
<p>今度はカードもパスワードも要りません。ワンタッチです。 <span lang="en">This time without card or password: one touch.</span></p></li>
<li><h3>さらに試す <span lang="en">And then</span></h3>
<p><a href="${places.sandbox}">市役所で引越しや失効</a>を起こす、<a href="${places.app}">xIDアプリ</a>で連携を解除する、別のブラウザーの銀行からQRコードでサインインする。
<span lang="en">Move house or revoke a certificate at the city office, unlink the bank in the app, or sign in from another browser with the QR code.</span></p></li>
</ol>
</section>`;
}
