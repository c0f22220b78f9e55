import type { Kind } from "../ca/kind.ts";
import type { SandboxErrorCode } from "../error.ts";
import type { PresentedCertificate } from "../people/present.ts";
import type { Resident } from "../store/people.ts";

type Words = { ja: string; en: string };

export const kindWords: Record<Kind, Words> = {
  signature: { ja: "署名用電子証明書", en: "Signature certificate" },
  authentication: { ja: "利用者証明用電子証明書", en: "Authentication certificate" },
};

export const statusWords: Record<PresentedCertificate["status"], Words> = {
  good: { ja: "有効", en: "Valid" },
  revoked: { ja: "失効", en: "Revoked" },
  expired: { ja: "期限切れ", en: "Expired" },
};

/** In the words of the JPKI's practice statements. */
export const reasonWords: Record<string, Words> = {
  cessationOfOperation: { ja: "利用をやめる届出", en: "No longer needed" },
  keyCompromise: { ja: "秘密鍵の漏えい", en: "Key compromised" },
  certificateHold: { ja: "紛失などによる一時停止", en: "Suspended, such as after a loss" },
  affiliationChanged: { ja: "記載事項の変更", en: "Recorded items changed" },
  superseded: { ja: "更新・再発行", en: "Superseded" },
  unspecified: { ja: "その他", en: "Unspecified" },
};

export const genderWords: Record<Resident["gender"], Words> = {
  female: { ja: "女", en: "Female" },
  male: { ja: "男", en: "Male" },
  unknown: { ja: "不明", en: "Unknown" },
};

const general: Words = { ja: "手続きできませんでした。", en: "That did not work." };

/** What to tell a visitor of the city office; an error of the programs has the general words. */
export function errorWords(code: SandboxErrorCode): Words {
  return specific[code] ?? general;
}

const specific: Partial<Record<SandboxErrorCode, Words>> = {
  PERSON_NOT_FOUND: { ja: "この住民は登録されていません。", en: "There is no such resident." },
  NOT_FOUND: { ja: "ページが見つかりません。", en: "There is no such page." },
  PERSONA_UNKNOWN: { ja: "住民の種類を選んでください。", en: "Choose a kind of resident." },
  NAME_UNSUITABLE: { ja: "氏名に使えない文字があります。", en: "The name has characters that can't be used." },
  BIRTHDATE_UNSUITABLE: {
    ja: "生年月日が正しくないか、選んだ種類の住民の年齢に合いません。",
    en: "The birth date is not right, or doesn't suit the kind of resident that you chose.",
  },
  ADDRESS_UNSUITABLE: {
    ja: "住所の市区町村がこの模擬環境にありません。候補から選んでください。",
    en: "The sandbox doesn't know this municipality. Choose one from the suggestions.",
  },
  SAME_ADDRESS: { ja: "今の住所と同じです。", en: "That is the present address." },
  NOTHING_TO_REVOKE: { ja: "失効させる有効な電子証明書がありません。", en: "There is no valid certificate to revoke." },
  UNDER_SIGNATURE_AGE: {
    ja: "15歳未満の方には署名用電子証明書を発行できません。",
    en: "No signature certificate is issued to anyone under 15.",
  },
  AUTHENTICATION_NOT_VALID: {
    ja: "利用者証明用電子証明書が有効ではないため、署名用だけの再発行はできません。両方を更新してください。",
    en: "The authentication certificate isn't valid, so the other can't be reissued alone. Renew both.",
  },
  CLOCK_BACKWARDS: { ja: "時計を戻すことはできません。", en: "The clock can't go back." },
  CLOCK_TOO_FAR: { ja: "時計を進められるのは10年先までです。", en: "The clock goes at most ten years ahead." },
  ORIGIN_REFUSED: {
    ja: "このページ以外からの操作は受け付けません。ページを開き直してください。",
    en: "Requests are taken from this page only. Open the page again.",
  },
  TOWN_EXISTS: { ja: "この世界には、もう別の町があります。", en: "This world has another town already." },
  FULL: { ja: "登録できる住民の数に達しています。", en: "No more residents can be registered." },
  MALFORMED: { ja: "入力に誤りがあります。", en: "Something in the form is not right." },
};
