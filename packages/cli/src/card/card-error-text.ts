import type { CardError, CardErrorCode } from "@xid/card";
import type { Language } from "../language.ts";

type Text = { ja: string; en: string };

const texts: Record<CardErrorCode, Text> = {
  PIN_WRONG: { ja: "暗証番号が違います。", en: "The PIN is wrong." },
  PIN_BLOCKED: {
    ja: "暗証番号がロックされています。住所地の市区町村の窓口で初期化してください。",
    en: "The PIN is blocked. Only your municipality's office can reset it.",
  },
  PIN_FORMAT: {
    ja: "この暗証番号の形式ではありません（カードには送っていません）。署名用は英数字6〜16文字、ほかは数字4桁です。",
    en: "No PIN of this kind looks like that; nothing was sent to the card. The signature password has 6 to 16 letters and digits, the others have four digits.",
  },
  LAST_TRY: {
    ja: "残り1回です。間違えるとロックされるため、照合しませんでした。続けるには --last-try を付けてください。",
    en: "One try is left, and a mistake blocks the PIN: nothing was tried. Add --last-try to use it.",
  },
  CARD_ABSENT: { ja: "カードリーダーにカードがありません。", en: "There is no card in the reader." },
  CARD_LOST: { ja: "カードがリーダーから離れました。", en: "The card left the reader." },
  NOT_A_MY_NUMBER_CARD: {
    ja: "マイナンバーカードではないか、この機能を持たないカードです。",
    en: "This is not a My Number Card, or one that cannot do this.",
  },
  CERTIFICATE_ABSENT: {
    ja: "このカードにはこの電子証明書がありません。",
    en: "The card does not have this certificate.",
  },
  SECURITY_STATUS: { ja: "暗証番号の入力が必要です。", en: "This needs a PIN first." },
  FILE_NOT_FOUND: { ja: "カードにこの情報がありません。", en: "The card does not have this." },
  READER_UNAVAILABLE: { ja: "カードリーダーを使えません。", en: "The card reader cannot be used." },
  UNEXPECTED_STATUS: { ja: "カードが予期しない応答をしました。", en: "The card gave an unexpected answer." },
  MALFORMED_RESPONSE: { ja: "カードの応答を読み取れません。", en: "The card's answer cannot be read." },
  SECURE_MESSAGING: { ja: "暗号化通信が終了しました。", en: "The encrypted session with the card ended." },
  ISSUER_UNKNOWN: {
    ja: "カードの発行者の鍵を確認できません。",
    en: "None of the trusted keys belongs to the card's issuer.",
  },
  NOT_AUTHENTIC: {
    ja: "カードの内容が発行者の署名と一致しません。",
    en: "What the card says is not what its issuer signed.",
  },
};

const withReason: ReadonlySet<CardErrorCode> = new Set([
  "CARD_ABSENT",
  "READER_UNAVAILABLE",
  "UNEXPECTED_STATUS",
  "MALFORMED_RESPONSE",
]);

/** What to say to the person at the terminal. Holds no PIN and nothing read from the card. */
export function cardErrorText(error: CardError, language: Language): string {
  const text = texts[error.code][language];
  const reason = withReason.has(error.code) ? ` (${error.message})` : "";
  if (error.code !== "PIN_WRONG" || error.remaining === undefined) return text + reason;
  const { remaining } = error;
  return language === "ja"
    ? `${text}残り${remaining}回です。`
    : `${text} ${remaining} ${remaining === 1 ? "try is" : "tries are"} left.`;
}
