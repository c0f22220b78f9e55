import { applicationIdentifiers } from "@xid/card";
import type { CardState } from "@xid/card/virtual";
import { html } from "hono/html";
import type { Pins } from "../store/people.ts";
import type { Reader } from "./language.ts";
import type { Html } from "./layout.ts";

/** Where card, phone and draft keep what. 照合番号A is the My Number itself, and not shown here. */
const references = [
  { application: "jpki", file: "001b", setAs: "signature", ja: "署名用パスワード", en: "Signature password" },
  { application: "jpki", file: "0018", setAs: "authentication", ja: "利用者証明用暗証番号", en: "Authentication PIN" },
  {
    application: "draftAuthentication",
    file: "001b",
    setAs: "signature",
    ja: "署名用パスワード",
    en: "Signature password",
  },
  {
    application: "draftAuthentication",
    file: "0018",
    setAs: "authentication",
    ja: "利用者証明用暗証番号",
    en: "Authentication PIN",
  },
  { application: "text", file: "0011", setAs: "text", ja: "券面事項入力補助用暗証番号", en: "Card information PIN" },
  { application: "juki", file: "001c", ja: "住民基本台帳用暗証番号", en: "Resident register PIN" },
  {
    application: "text",
    file: "0015",
    ja: "照合番号B（生年月日・有効期限・セキュリティコード）",
    en: "Verification number B (birth date, expiry, security code)",
  },
  { application: "draftFace", file: "0012", ja: "照合番号B", en: "Verification number B" },
] as const satisfies {
  application: keyof typeof applicationIdentifiers;
  file: string;
  setAs?: keyof Pins;
  ja: string;
  en: string;
}[];

/** What opens the card now, as the card has it, and how often it may still be wrong. */
export function passwordsSection(card: CardState, reader: Reader, setByOffice: Pins, title?: string): Html {
  const { say } = reader;
  return html`<section class="panel">
    <h2>${title ?? say("暗証番号", "Passwords")}</h2>
    <dl class="passwords">
      ${references.map((reference) => row(card, reader, reference, setByOffice))}
    </dl>
    <p class="hint">${say(
      "カードに今ある値です。間違えた回数はカードが数え、正しく入力すると元に戻ります。",
      "As the card has them now. It counts wrong tries itself; a right one restores them.",
    )}</p>
  </section>`;
}

function row(
  card: CardState,
  { say }: Reader,
  reference: (typeof references)[number],
  setByOffice: Pins,
): Html | string {
  const identifier = Buffer.from(applicationIdentifiers[reference.application]).toString("hex");
  const pin = card.applications.find((application) => application.identifier === identifier)?.files[reference.file];
  if (pin?.kind !== "pin") return "";
  const { value, tries: left, maximumTries } = pin;
  const tries = left === 0 ? say("ロック中", "Blocked") : say(`残り${left}回`, `${left} left`);
  const level = left === 0 ? "blocked" : left < maximumTries ? "low" : "full";
  const changed = "setAs" in reference && value !== null && value !== setByOffice[reference.setAs];
  return html`<div class="password">
    <dt>${say(reference.ja, reference.en)}</dt>
    ${
      value === null
        ? html`<dd class="unset">${say("設定なし", "Not set")}</dd>`
        : html`<dd class="code value">${value}${
            changed ? html` <small class="chip none">${say("本人が変更", "Changed by the holder")}</small>` : ""
          }</dd>
            <dd class="tries ${level}"><span class="dots" aria-hidden="true">${"●".repeat(left)}${"○".repeat(maximumTries - left)}</span>
              ${tries}</dd>`
    }
  </div>`;
}
