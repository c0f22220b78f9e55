import type { TokenModel } from "@xid/card";
import type { Language } from "../language.ts";
import type { CardOverview } from "./read-overview.ts";
import type { CardPlace } from "./with-card.ts";

const models: Record<TokenModel, Record<Language, string>> = {
  card: { ja: "マイナンバーカード", en: "My Number Card" },
  "juki-card": { ja: "住民基本台帳カード", en: "resident register card" },
  android: { ja: "スマートフォン（Android）", en: "smartphone (Android)" },
  iphone: { ja: "スマートフォン（iPhone）", en: "smartphone (iPhone)" },
  "next-draft": { ja: "次期カードの試案（模擬）", en: "draft of the next card (simulated)" },
  unknown: { ja: "不明な種類", en: "unknown kind" },
};

const words = {
  ja: {
    serialNumber: "製造番号",
    municipality: "市区町村コード",
    expiry: "有効期限",
    validUntil: (serial: string, day: string) => `発行番号 ${serial}、${day}まで有効`,
    absent: "なし",
    needsPin: "暗証番号を入力すると読めます",
    triesLeft: "暗証番号の残り回数",
    tries: (count: number) => (count === 0 ? "0回（ロック中）" : `${count}回`),
    signature: "署名用電子証明書",
    authentication: "利用者証明用電子証明書",
    text: "券面事項入力補助用",
    residentRegister: "住民基本台帳用",
    numberA: "照合番号A",
    numberB: "照合番号B",
    faceNumberA: "照合番号A（券面確認）",
    faceNumberB: "照合番号B（券面確認）",
    faceBirthdate: "生年月日（券面確認）",
  },
  en: {
    serialNumber: "card number",
    municipality: "municipality code",
    expiry: "valid until",
    validUntil: (serial: string, day: string) => `serial number ${serial}, valid until ${day}`,
    absent: "none",
    needsPin: "can be read with its PIN",
    triesLeft: "tries left of each PIN",
    tries: (count: number) => (count === 0 ? "0 (blocked)" : String(count)),
    signature: "signature certificate",
    authentication: "authentication certificate",
    text: "text PIN (券面事項入力補助用)",
    residentRegister: "resident register PIN (住民基本台帳用)",
    numberA: "number A (照合番号A)",
    numberB: "number B (照合番号B)",
    faceNumberA: "number A, card face",
    faceNumberB: "number B, card face",
    faceBirthdate: "birth date, card face",
  },
};

/** What a card told without a PIN, as lines for a terminal. */
export function overviewText(overview: CardOverview, place: CardPlace, language: Language): string {
  const say = words[language];
  const { token, card, signature, authentication, triesLeft } = overview;
  const certificate = authentication.certificate;
  const rows: [string, string][] = [
    ...(card
      ? ([
          [say.serialNumber, card.serialNumber],
          [say.municipality, card.municipalityCode],
          [say.expiry, dateText(card.expiry)],
        ] as [string, string][])
      : []),
    [say.signature, signature.issued ? say.needsPin : say.absent],
    [
      say.authentication,
      certificate
        ? say.validUntil(certificate.serial, localDate(certificate.notAfter))
        : authentication.issued
          ? say.needsPin
          : say.absent,
    ],
  ];
  const counted: [string, number | null][] = [
    [say.signature, signature.issued ? signature.triesLeft : null],
    [say.authentication, authentication.issued ? authentication.triesLeft : null],
    [say.text, triesLeft.text],
    [say.residentRegister, triesLeft.residentRegister],
    [say.numberA, triesLeft.numberA],
    [say.numberB, triesLeft.numberB],
    [say.faceNumberA, triesLeft.faceNumberA],
    [say.faceNumberB, triesLeft.faceNumberB],
    [say.faceBirthdate, triesLeft.faceBirthdate],
  ];
  const tries = counted.flatMap(([name, count]): [string, string][] =>
    count === null ? [] : [[name, say.tries(count)]],
  );
  return [
    `${models[token.model][language]} (${token.label})  ${"person" in place ? place.person : place.reader}`,
    ...table(rows),
    "",
    say.triesLeft,
    ...table(tries),
  ].join("\n");
}

/** Two columns, the first as wide as its widest text on a terminal. */
export function table(rows: [string, string][]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => columns(name)));
  return rows.map(([name, value]) => `  ${name}${" ".repeat(width - columns(name))}  ${value}`);
}

/** Characters of Japanese scripts take two columns. */
function columns(text: string): number {
  return [...text].reduce((sum, character) => sum + (/[\u3000-\u9fff\uff00-\uff60]/.test(character) ? 2 : 1), 0);
}

/** YYYYMMDD as YYYY-MM-DD. */
export function dateText(digits: string): string {
  return digits.replace(/^(....)(..)(..)$/, "$1-$2-$3");
}

/** The day in Japan. */
function localDate(moment: string): string {
  return new Date(moment).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
}
