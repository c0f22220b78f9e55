import type { Kind } from "../ca/kind.ts";
import type { Medium } from "../ca/medium.ts";

type Words = { ja: string; en: string };

export const kindWords: Record<Kind, Words> = {
  signature: { ja: "署名用電子証明書", en: "Signature certificate" },
  authentication: { ja: "利用者証明用電子証明書", en: "Authentication certificate" },
};

export const mediumWords: Record<Medium, Words> = {
  card: { ja: "カード", en: "Card" },
  phone: { ja: "スマートフォン", en: "Phone" },
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
