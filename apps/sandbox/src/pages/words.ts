import type { SandboxErrorCode } from "../error.ts";
import type { PresentedCertificate } from "../people/present.ts";
import type { CardStanding, PhoneModel, Pins, Resident, Standing } from "../store/people.ts";

type Words = { ja: string; en: string };

export const statusWords: Record<PresentedCertificate["status"], Words> = {
  good: { ja: "有効", en: "Valid" },
  revoked: { ja: "失効", en: "Revoked" },
  expired: { ja: "期限切れ", en: "Expired" },
};

export const genderWords: Record<Resident["gender"], Words> = {
  female: { ja: "女", en: "Female" },
  male: { ja: "男", en: "Male" },
  unknown: { ja: "不明", en: "Unknown" },
};

export const pinWords = {
  signature: { ja: "署名用パスワード", en: "Signature password" },
  authentication: { ja: "利用者証明用暗証番号", en: "Authentication PIN" },
  text: { ja: "券面事項入力補助用暗証番号", en: "Card information PIN" },
} satisfies Record<keyof Pins, Words>;

export const standingWords: Record<Standing, Words> = {
  resident: { ja: "国内に居住", en: "Lives in Japan" },
  abroad: { ja: "国外に居住", en: "Lives abroad" },
  deceased: { ja: "死亡", en: "Deceased" },
};

export const cardStandingWords: Record<CardStanding, Words> = {
  none: { ja: "カードなし", en: "No card" },
  valid: { ja: "有効", en: "Valid" },
  suspended: { ja: "一時停止", en: "Suspended" },
  void: { ja: "廃止", en: "Void" },
};

export const phoneWords: Record<PhoneModel, Words> = {
  android: { ja: "Android", en: "Android" },
  iphone: { ja: "iPhone", en: "iPhone" },
};

/** What of a resident can change. */
export const fieldWords: Record<string, Words> = {
  name: { ja: "氏名", en: "Name" },
  kana: { ja: "フリガナ", en: "Reading" },
  birthdate: { ja: "生年月日", en: "Birth date" },
  gender: { ja: "性別", en: "Sex" },
  address: { ja: "住所", en: "Address" },
  standing: { ja: "住民登録", en: "Registration" },
  card: { ja: "カードの状態", en: "State of the card" },
  cardNumber: { ja: "何枚目のカードか", en: "Number of the card" },
  phone: { ja: "スマートフォン", en: "Phone" },
};

/** Values of those that have words of their own. */
export const changeWords: Record<string, Record<string, Words>> = {
  gender: genderWords,
  standing: standingWords,
  card: cardStandingWords,
  phone: phoneWords,
};

/** The offices that hear of an event. */
export const toldWords: Record<string, Words> = {
  "city-office": { ja: "市区町村（住民基本台帳）", en: "The city office (resident register)" },
  "former-city-office": { ja: "転出元の市区町村", en: "The city office of the former address" },
  "resident-network": { ja: "住民基本台帳ネットワーク（J-LIS）", en: "The resident register network (J-LIS)" },
  "signature-authority": { ja: "署名用認証局（J-LIS）", en: "The authority for signatures (J-LIS)" },
  "authentication-authority": { ja: "利用者証明用認証局（J-LIS）", en: "The authority for authentication (J-LIS)" },
  "call-centre": { ja: "マイナンバーの電話窓口（一時停止の受付）", en: "The call centre (suspension)" },
  police: { ja: "警察", en: "The police" },
  "family-register": { ja: "本籍地の市区町村（戸籍）", en: "The family register" },
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
  NOTHING_CHANGES: { ja: "今の登録内容と同じです。", en: "The register says so already." },
  RESIDENT_DECEASED: { ja: "この住民は亡くなっています。", en: "The resident has died." },
  RESIDENT_ABROAD: { ja: "この住民は国外に住んでいます。", en: "The resident lives abroad." },
  NOT_ABROAD: { ja: "この住民は国内に住んでいます。", en: "The resident lives in Japan." },
  AGE_UNSUITABLE: { ja: "この手続きができる年齢ではありません。", en: "The resident is too young for that." },
  CARD_ABSENT: { ja: "この住民はまだカードを持っていません。", en: "The resident has no card yet." },
  CARD_PRESENT: { ja: "カードはすでに交付されています。", en: "The resident has had a card already." },
  CARD_SUSPENDED: { ja: "カードは一時停止中です。", en: "The card is suspended." },
  CARD_NOT_LOST: { ja: "紛失の届出がありません。", en: "The card has not been reported lost." },
  CARD_VOID: { ja: "カードは廃止されています。再交付が必要です。", en: "The card is void: a new one is needed." },
  CARD_EXPIRED: {
    ja: "カードの有効期限が切れています。再交付が必要です。",
    en: "The card has expired: a new one is needed.",
  },
  PHONE_ABSENT: { ja: "スマホ用電子証明書がありません。", en: "There are no certificates on a phone." },
  PHONE_PRESENT: {
    ja: "有効なスマホ用電子証明書があります。機種変更の手続きをしてください。",
    en: "There are valid certificates on a phone: change phones instead.",
  },
  SIGNATURE_NOT_VALID: {
    ja: "カードの署名用電子証明書が有効ではありません。",
    en: "The card's signature certificate isn't valid.",
  },
  TOO_EARLY: {
    ja: "更新は有効期限の3か月前（国外では1年前）からです。今は再発行ができます。",
    en: "Renewal begins three months before the end (abroad a year). Certificates can be reissued now.",
  },
  DATE_UNSUITABLE: { ja: "過去の日時は指定できません。", en: "A date in the past is not possible." },
  EVENT_NOT_PENDING: { ja: "予定の手続きではありません。", en: "It is not planned any more." },
  EVENT_NOT_FOUND: { ja: "その手続きは見つかりません。", en: "There is no such event." },
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
