import type { Person, PersonCertificate } from "./sandbox-client.ts";

const standings = { resident: "", abroad: "  国外 abroad", deceased: "  死亡 deceased" };
const genders = { male: "男 male", female: "女 female", unknown: "不明 unknown" };

/** A resident as lines for a terminal. */
export function personText(person: Person): string {
  return [
    `${person.id}  ${person.name}  (${person.persona})${standings[person.standing]}`,
    `  生年月日 birth date   ${person.birthdate}`,
    `  性別 sex              ${genders[person.gender]}`,
    `  住所 address          ${person.address}`,
    `  署名用パスワード signature password    ${person.pins.signature}`,
    `  利用者証明用 authentication PIN        ${person.pins.authentication}`,
    `  券面事項入力補助用 text PIN            ${person.pins.text}`,
  ].join("\n");
}

const cardStandings = {
  none: "なし none",
  valid: "有効 valid",
  suspended: "一時停止 suspended",
  void: "廃止 void",
};

/** Card and phone of a resident, and what is planned, as lines for a terminal. */
export function cardText({ card, phone, planned }: Person): string {
  const { signature, authentication, text } = card.triesLeft;
  return [
    `  カード card           ${cardStandings[card.standing]}`,
    `  残り回数 tries left: 署名用 signature ${signature} · 利用者証明用 authentication ${authentication} · 券面 text ${text}`,
    ...card.certificates.map(certificateText),
    ...(phone ? [`  スマートフォン phone  ${phone.model}`, ...phone.certificates.map(certificateText)] : []),
    ...planned.map(({ id, at, type }) => `  予定 planned #${id}: ${type}, ${at}`),
  ].join("\n");
}

function certificateText({ kind, serial, notAfter, status, reason }: PersonCertificate): string {
  const name = kind === "signature" ? "署名用証明書" : "利用者証明用証明書";
  return `  ${name} ${kind} ${serial}: ${status}${reason ? ` (${reason})` : ""}, ${notAfter}まで until`;
}
