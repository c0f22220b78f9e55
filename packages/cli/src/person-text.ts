import type { Person } from "./sandbox-client.ts";

const genders = { male: "男 male", female: "女 female", unknown: "不明 unknown" };

/** A resident as lines for a terminal. */
export function personText(person: Person): string {
  return [
    `${person.id}  ${person.name}  (${person.persona})`,
    `  生年月日 birth date   ${person.birthdate}`,
    `  性別 sex              ${genders[person.gender]}`,
    `  住所 address          ${person.address}`,
    `  署名用パスワード signature password    ${person.pins.signature}`,
    `  利用者証明用 authentication PIN        ${person.pins.authentication}`,
    `  券面事項入力補助用 text PIN            ${person.pins.text}`,
  ].join("\n");
}

/** The card of a resident as lines for a terminal. */
export function cardText({ card }: Person): string {
  const { signature, authentication, text } = card.triesLeft;
  return [
    `  残り回数 tries left: 署名用 signature ${signature} · 利用者証明用 authentication ${authentication} · 券面 text ${text}`,
    ...card.certificates.map(
      ({ kind, serial, notAfter, status, reason }) =>
        `  ${kind === "signature" ? "署名用証明書" : "利用者証明用証明書"} ${kind} ${serial}: ${status}${reason ? ` (${reason})` : ""}, ${notAfter}まで until`,
    ),
  ].join("\n");
}
