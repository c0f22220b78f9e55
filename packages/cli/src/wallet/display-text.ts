import type { AttributeName, BilingualText, RequestDisplay } from "@xid/protocol";

export const itemLabels: Record<AttributeName, string> = {
  name: "氏名 name",
  birthdate: "生年月日 birth date",
  gender: "性別 sex",
  address: "住所 address",
};

/** A service's name in both languages, once where they are the same. */
export function bothNames({ ja, en }: BilingualText): string {
  return ja === en ? ja : `${ja} / ${en}`;
}

/** What the app's consent screen shows, as lines for a terminal. */
export function displayText(display: RequestDisplay): string {
  const { client, purpose, items, checkNumber } = display;
  return [
    `${bothNames(client.name)} (${client.domain})`,
    `  目的 purpose: ${purpose.ja} / ${purpose.en}`,
    ...items.map(
      ({ name, required, value }) =>
        `  ${required ? "必須 required " : "任意 voluntary"}  ${itemLabels[name]}: ${value}`,
    ),
    ...(display.offlineAccess ? ["  不在時もアクセス / access also while you are away"] : []),
    ...(checkNumber ? [`  確認番号 check number: ${checkNumber}`] : []),
    `  requestId: ${display.requestId}`,
  ].join("\n");
}
