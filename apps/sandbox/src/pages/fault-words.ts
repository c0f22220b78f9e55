import type { Fault, FaultKind } from "../faults/fault.ts";
import type { Language } from "./language.ts";

type Words = { ja: string; en: string };
type FaultWords = Words & {
  about: Words;
  /** Whom it happens to: those who ask J-LIS, OCSP or the lists, or a card. */
  whom: "verifier" | "person";
  /** Seconds unless said otherwise, where it has any. */
  seconds?: number;
};

export const faultWords: Record<FaultKind, FaultWords> = {
  "jlis-down": {
    ja: "J-LISが応答しない",
    en: "J-LIS is down",
    about: { ja: "照会にはすべて503を返します。", en: "Every query is answered 503." },
    whom: "verifier",
  },
  "jlis-slow": {
    ja: "J-LISが遅い",
    en: "J-LIS is slow",
    about: { ja: "照会を受けてから、指定の秒数だけ待って処理します。", en: "It begins so many seconds later." },
    whom: "verifier",
    seconds: 2,
  },
  "jlis-late": {
    ja: "J-LISの回答が間に合わない",
    en: "J-LIS answers too late",
    about: {
      ja: "処理はすぐに行い、回答だけを指定の秒数だけ遅らせます。",
      en: "It does at once what is asked, and answers so many seconds later.",
    },
    whom: "verifier",
    seconds: 10,
  },
  "crl-stale": {
    ja: "失効リスト（CRL）が古い",
    en: "The revocation list is stale",
    about: { ja: "昨日で期限の切れた失効リストを返します。", en: "The list given out ended yesterday." },
    whom: "verifier",
  },
  "ocsp-down": {
    ja: "OCSPが応答しない",
    en: "OCSP is down",
    about: { ja: "OCSPの問い合わせにはすべて503を返します。", en: "Every OCSP request is answered 503." },
    whom: "verifier",
  },
  "ocsp-wrong-signature": {
    ja: "OCSPの署名が不正",
    en: "OCSP answers do not verify",
    about: { ja: "OCSPの回答の署名が検証できません。", en: "The signature of its answers is wrong." },
    whom: "verifier",
  },
  "clock-skew": {
    ja: "J-LISの時計のずれ",
    en: "J-LIS's clocks are wrong",
    about: {
      ja: "J-LIS・OCSP・失効リストの時計を、指定の秒数だけ進めます（負の数なら遅らせます）。",
      en: "The clocks of J-LIS, OCSP and lists go so many seconds fast, or slow below zero.",
    },
    whom: "verifier",
    seconds: 3600,
  },
  "card-torn": {
    ja: "カードが離れる",
    en: "The card is torn away",
    about: {
      ja: "通信のn番目のコマンドで、カードがリーダーから離れます。",
      en: "It leaves the reader at the n-th command of a session.",
    },
    whom: "person",
  },
};

/** What is said of one that is switched on, besides its name. */
export function faultDetails(fault: Fault, whom: string, language: Language, moment: (at: Date) => string): string {
  const ja = language === "ja";
  const parts = [
    whom,
    "seconds" in fault && (ja ? `${fault.seconds}秒` : `${fault.seconds} s`),
    "apdu" in fault &&
      (ja
        ? `${fault.apdu}番目のコマンドの実行${fault.carriedOut ? "後" : "前"}`
        : `${fault.carriedOut ? "after" : "before"} command ${fault.apdu} is carried out`),
    fault.count !== undefined && (ja ? `あと${fault.count}回` : `${fault.count} more`),
    fault.expiresAt && (ja ? `${moment(fault.expiresAt)}まで` : `until ${moment(fault.expiresAt)}`),
  ];
  return parts.filter((part) => part).join(ja ? "・" : ", ");
}
