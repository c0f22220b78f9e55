import type { AttributeName, EnrolmentStart } from "@xid/protocol";

/** What the person agrees to when the card signs the consent for J-LIS. A new text gets a new version. */
export const jlisConsent: Omit<EnrolmentStart["jlisConsent"], "verifier"> = {
  service: { provider: "xID", name: "xID" },
  textVersion: "2026-11-2",
  text: {
    ja: "電子証明書の有効性と、氏名・生年月日・性別・住所の変更を、地方公共団体情報システム機構(J-LIS)に確認することに同意します。",
    en: "I agree that J-LIS may be asked whether my certificate is valid and whether my name, date of birth, gender or address has changed.",
  },
  items: ["name", "birthdate", "gender", "address"] satisfies AttributeName[],
};
