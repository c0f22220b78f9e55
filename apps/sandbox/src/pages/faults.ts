import { html } from "hono/html";
import { type Fault, type FaultKind, faultKinds } from "../faults/fault.ts";
import { findVerifier, listVerifiers } from "../store/verifiers.ts";
import type { World } from "../world.ts";
import { faultDetails, faultWords } from "./fault-words.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";

export type FaultsPageOptions = { done?: string | undefined; failure?: { ja: string; en: string } };

/** What goes wrong on demand: what is switched on, and a form for each kind. */
export function faultsPage(world: World, reader: Reader, { done, failure }: FaultsPageOptions): Html {
  const { say, language } = reader;
  const faults = world.faults.list();
  return layout(reader, {
    title: say("障害の再現", "Faults"),
    section: "faults",
    body: html`
      ${failure ? notice("failure", failure[language]) : ""}
      ${done === "set" ? notice("success", say("障害を起こしました", "The fault is switched on")) : ""}
      ${done === "cleared" ? notice("success", say("解除しました", "Switched off")) : ""}
      <h1>${say("障害の再現", "Faults on demand")}</h1>
      <p class="lead">${say(
        "J-LISやカードの障害をわざと起こし、サービスの振る舞いを確かめられます。相手・回数・時間を限ることもできます。",
        "Let J-LIS or a card go wrong, to see what a service makes of it: for someone only, so many times, for so long.",
      )}</p>
      <section class="panel active-faults">
        <h2>${say("いま起こしている障害", "Switched on now")}</h2>
        ${faults.length === 0 ? html`<p>${say("ありません。すべて正常です。", "None. Everything works.")}</p>` : active(world, reader, faults)}
      </section>
      <section class="panel">
        <h2>${say("障害を起こす", "Switch one on")}</h2>
        <div class="accordion">${faultKinds.map((kind) => kindForm(world, reader, kind))}</div>
      </section>
    `,
  });
}

function active(world: World, { say, language, moment }: Reader, faults: Fault[]): Html {
  const nameOf = (fault: Fault) => {
    const target = whomOf(fault);
    if (target === undefined)
      return faultWords[fault.kind].whom === "person"
        ? say("すべてのカード", "every card")
        : say("すべての検証者", "every verifier");
    return findVerifier(world.database, target)?.name ?? target;
  };
  return html`<ul class="faults">
      ${faults.map(
        (fault) => html`<li>
          <div><strong>${faultWords[fault.kind][language]}</strong>
            <p>${faultDetails(fault, nameOf(fault), language, moment)}</p></div>
          <form method="post" action="/faults/clear">
            <input type="hidden" name="kind" value="${fault.kind}">
            ${
              whomOf(fault) === undefined
                ? html`<input type="hidden" name="everyone" value="true">`
                : html`<input type="hidden" name="${faultWords[fault.kind].whom}" value="${whomOf(fault)}">`
            }
            <button type="submit" class="secondary" aria-label="${say(`${faultWords[fault.kind].ja}：解除する`, `Switch off: ${faultWords[fault.kind].en}`)}">${say("解除する", "Switch off")}</button>
          </form>
        </li>`,
      )}
    </ul>
    ${
      faults.length > 1
        ? html`<form method="post" action="/faults/clear"><button type="submit" class="secondary">${say("すべて解除する", "Switch all off")}</button></form>`
        : ""
    }`;
}

function whomOf(fault: Fault): string | undefined {
  return fault.kind === "card-torn" ? fault.person : fault.verifier;
}

function kindForm(world: World, { say, language }: Reader, kind: FaultKind): Html {
  const { about, whom, seconds, ...name } = faultWords[kind];
  const id = (field: string) => `${kind}-${field}`;
  const number = (field: string, label: string, attributes: Html) =>
    html`<p class="field"><label for="${id(field)}">${label}</label>
      <input id="${id(field)}" name="${field}" type="number" ${attributes}></p>`;
  return html`<details class="procedure">
    <summary><strong>${name[language]}</strong> <span class="summary-about">${about[language]}</span></summary>
    <form method="post" action="/faults">
      <input type="hidden" name="kind" value="${kind}">
      <div class="fields plain">
        ${
          whom === "verifier"
            ? html`<p class="field"><label for="${id("verifier")}">${say("だれに対して", "For whom")}</label>
                <select id="${id("verifier")}" name="verifier">
                  <option value="">${say("すべての検証者", "Every verifier")}</option>
                  ${listVerifiers(world.database).map((verifier) => html`<option value="${verifier.id}">${verifier.name}</option>`)}
                </select></p>`
            : html`<p class="field"><label for="${id("person")}">${say("どの住民のカード（ID、空欄ならすべて）", "Whose card (id; empty for every card)")}</label>
                <input id="${id("person")}" name="person" maxlength="128" autocomplete="off"></p>`
        }
        ${seconds === undefined ? "" : number("seconds", say("秒数", "Seconds"), html`required step="${kind === "clock-skew" ? 1 : 0.01}" value="${seconds}"`)}
        ${
          kind === "card-torn"
            ? html`${number("apdu", say("何番目のコマンドで", "At which command"), html`required min="1" max="10000" value="3"`)}
              <p class="field"><label for="${id("carriedOut")}">${say("そのコマンドは", "That command")}</label>
                <select id="${id("carriedOut")}" name="carriedOut">
                  <option value="">${say("実行されない", "is not carried out")}</option>
                  <option value="true">${say("実行され、答えだけが失われる", "is carried out; only its answer is lost")}</option>
                </select></p>`
            : ""
        }
        ${number("count", say("回数（空欄なら何度でも）", "How often (empty: every time)"), html`min="1" max="1000000"`)}
        ${number("expiresInSeconds", say("何秒間（空欄なら解除するまで）", "For how many seconds (empty: until switched off)"), html`min="1" max="31536000"`)}
      </div>
      <button type="submit" class="act">${say("起こす", "Switch on")}</button>
    </form>
  </details>`;
}
