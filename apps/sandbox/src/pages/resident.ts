import { html } from "hono/html";
import { ageOn, dayInJapan } from "../calendar.ts";
import { substituteCharacters } from "../people/substitute-characters.ts";
import { certificateOnCard, certificatesOfPerson } from "../store/certificates.ts";
import { type Resident, readCard, readMyNumber, readPhone } from "../store/people.ts";
import type { World } from "../world.ts";
import { cardFace } from "./card-face.ts";
import { passwordsSection } from "./card-passwords.ts";
import { certificatesSection } from "./certificates.ts";
import type { Reader } from "./language.ts";
import { type Html, layout, notice } from "./layout.ts";
import { personHead } from "./person-head.ts";
import { cardStandingWords, genderWords, phoneWords } from "./words.ts";

export type ResidentPageOptions = {
  /** `registered` when that has just happened. */
  done?: string | undefined;
  showMyNumber?: boolean;
};

/** One resident: the card, its passwords and certificates, and what the register says. */
export function residentPage(world: World, reader: Reader, resident: Resident, options: ResidentPageOptions): Html {
  const { say } = reader;
  const { id } = resident;
  const card = resident.card === "none" ? undefined : readCard(world.database, id);
  const certificates = certificatesOfPerson(world.database, resident.id);
  const authentication = certificateOnCard(certificates, "authentication");
  const hasExpired = card && dayInJapan(world.clock()).replaceAll("-", "") > card.printed.expiry;
  const unusable =
    resident.card === "suspended" || resident.card === "void"
      ? cardStandingWords[resident.card][reader.language]
      : hasExpired
        ? say("期限切れ", "Expired")
        : undefined;
  const myNumber = options.showMyNumber ? readMyNumber(world.database, resident.id) : undefined;
  return layout(reader, {
    title: resident.name,
    section: "residents",
    body: html`
      ${personHead(reader, resident, "card")}
      ${
        options.done === "registered"
          ? notice(
              "success",
              say("住民を登録し、カードを交付しました", "Registered, and the card is issued"),
              say(
                "xIDアプリの「カードを選ぶ」にこの住民が表示されます。下の暗証番号を使ってください。",
                "The xID app now offers this resident's card. Use the passwords below.",
              ),
            )
          : ""
      }
      <div class="columns">
        <div class="column">
          ${card ? cardFace(card, reader, { certificatesEnd: authentication?.notAfter, myNumber, unusable }) : noCard(reader, id)}
          <div class="my-number-switch">${
            myNumber
              ? html`${card ? "" : html`<p>${say("個人番号：", "My Number: ")}<span class="code">${myNumber.replace(/(.{4})(?=.)/g, "$1 ")}</span></p>`}
                  <a href="/people/${id}">${say("個人番号を伏せる", "Hide the My Number")}</a>`
              : html`<form method="post" action="/people/${id}/my-number">
                  <button type="submit" class="link">${say("個人番号を表示する", "Show the My Number")}</button>
                </form>`
          }</div>
          ${registerSection(world, reader, resident)}
        </div>
        <div class="column">
          ${certificatesSection(reader, certificates, world.clock())}
          ${card ? passwordsSection(card, reader, resident.pins) : ""}
          ${resident.phone ? phoneSection(world, reader, resident) : ""}
        </div>
      </div>
    `,
  });
}

/** Such as a newborn's. */
function noCard({ say }: Reader, id: string): Html {
  return html`<section class="panel empty">
    <h2>${say("カードはまだありません", "There is no card yet")}</h2>
    <p>${say("窓口で交付を受けられます。", "One is issued at the counter.")} <a href="/people/${id}/counter">${say("窓口へ", "To the counter")}</a></p>
  </section>`;
}

function phoneSection(world: World, reader: Reader, { id, phone, pins }: Resident): Html {
  const { say, language } = reader;
  return html`${passwordsSection(
    readPhone(world.database, id),
    reader,
    pins,
    say(
      `スマートフォン（${phone && phoneWords[phone].ja}）の暗証番号`,
      `Passwords of the phone (${phone && phoneWords[phone][language]})`,
    ),
  )}`;
}

function registerSection(world: World, reader: Reader, resident: Resident): Html {
  const { say, language, birthday } = reader;
  const { id, name, address, birthdate, gender } = resident;
  const age = ageOn(dayInJapan(world.clock()), birthdate);
  const written = substituteCharacters(name);
  return html`<section class="panel" id="register">
    <h2>${say("住民票", "Resident register")}</h2>
    <dl class="register">
      <div><dt>${say("氏名", "Name")}</dt><dd lang="ja">${name}</dd></div>
      ${
        written.text === name
          ? ""
          : html`<div><dt>${say("証明書の氏名", "Name in certificates")}</dt>
              <dd lang="ja">${written.text} <small class="code">${written.positions}</small></dd></div>`
      }
      <div><dt>${say("住所", "Address")}</dt><dd lang="ja">${address}</dd></div>
      <div><dt>${say("生年月日", "Birth date")}</dt>
        <dd>${birthday(birthdate)}${say(`（${age}歳）`, ` (${age})`)}</dd></div>
      <div><dt>${say("性別", "Sex")}</dt><dd>${genderWords[gender][language]}</dd></div>
      <div><dt>ID</dt><dd class="code">${id}</dd></div>
    </dl>
  </section>`;
}
