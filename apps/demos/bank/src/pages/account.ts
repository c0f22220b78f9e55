import { html } from "hono/html";
import { branches, type Customer } from "../customers.ts";
import { type Language, sayIn, showDate, showGender } from "../language.ts";
import { type Html, layout, type View } from "./layout.ts";

/** The customer's own page: account and verified data. */
export function account(view: View, customer: Customer, notice: "already-customer" | undefined): Html {
  const say = sayIn(view.language);
  return layout(
    view,
    say("マイページ", "My page"),
    html`<div class="inner narrow">
  ${
    notice &&
    html`<p class="note" role="status">${say(
      "すでに口座をお持ちでしたので、そのままログインしました。",
      "You already have an account with us, so we signed you in.",
    )}</p>`
  }
  <h1 lang="ja">${say(`${customer.name} 様`, customer.name)}</h1>
  ${passbook(view.language, customer)}
  ${details(view.language, customer)}
</div>`,
  );
}

/** Right after the account was opened. */
export function opened(view: View, customer: Customer): Html {
  const say = sayIn(view.language);
  return layout(
    view,
    say("口座開設の完了", "Your account is open"),
    html`<div class="inner narrow">
  <ol class="progress" aria-label="${say("お手続きの段階", "Progress")}">
    <li>${say("本人確認", "Identification")}</li>
    <li>${say("情報の確認", "Items")}</li>
    <li aria-current="step">${say("口座開設", "Account")}</li>
  </ol>
  <h1>${say("口座を開設しました", "Your account is open")}</h1>
  <p class="lead">${say(
    `${customer.name} 様、ありがとうございます。本人確認は完了し、今日からお使いいただけます。`,
    `Thank you, ${customer.name}. You have been identified and can use your account from today.`,
  )}</p>
  ${passbook(view.language, customer)}
  ${details(view.language, customer)}
  <div class="act"><a class="button" href="/account">${say("マイページへ", "To my page")}</a></div>
</div>`,
  );
}

function passbook(language: Language, customer: Customer): Html {
  const say = sayIn(language);
  const branch = branches[customer.branch]?.[language] ?? "";
  return html`<section class="passbook" aria-labelledby="account">
    <h2 id="account">${say("普通預金", "Ordinary deposit")}</h2>
    <p class="balance"><span>${say("残高", "Balance")}</span> 0<small>${say("円", " yen")}</small></p>
    <dl>
      <div><dt>${say("店番・支店名", "Branch")}</dt><dd>${customer.branch} ${branch}</dd></div>
      <div><dt>${say("口座番号", "Account number")}</dt><dd data-testid="account-number">${customer.accountNumber}</dd></div>
    </dl>
  </section>`;
}

function details(language: Language, customer: Customer): Html {
  const say = sayIn(language);
  const verified = say("本人確認済み", "Verified");
  return html`<section class="box" aria-labelledby="details">
    <h2 id="details">${say("お客さま情報", "Your details")} <span class="verified"><svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M6.5 12.2 2.6 8.3l1.3-1.3 2.6 2.6 5.6-5.6 1.3 1.3z"/></svg>${verified}</span></h2>
    <dl class="rows">
      <div><dt>${say("氏名", "Name")}</dt><dd data-testid="customer-name" lang="ja">${customer.name}</dd></div>
      <div><dt>${say("生年月日", "Date of birth")}</dt><dd><time data-testid="customer-birthdate" datetime="${customer.birthdate}">${showDate(language, customer.birthdate)}</time></dd></div>
      <div><dt>${say("性別", "Sex")}</dt><dd data-testid="customer-gender" data-value="${customer.gender}">${showGender(language, customer.gender)}</dd></div>
      <div><dt>${say("住所", "Address")}</dt><dd data-testid="customer-address" lang="ja">${customer.address}</dd></div>
      <div><dt>${say("確認した方法", "Verified by")}</dt><dd>${say(
        "マイナンバーカードの署名用電子証明書（xID）",
        "Signature certificate of the My Number Card (xID)",
      )}</dd></div>
      <div><dt>${say("確認した日", "Verified on")}</dt><dd><time datetime="${customer.openedAt}">${showDate(language, customer.openedAt)}</time></dd></div>
    </dl>
  </section>`;
}
