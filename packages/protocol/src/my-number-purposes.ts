import type { BilingualText } from "./messages.ts";

/**
 * The state of the law that the list below follows: 番号法 (平成25年法律第27号) and the laws that it leads to. It goes into
 * what the person signs and into evidence.
 */
export const myNumberLawVersion = "番号法 2025-06-24";

type Purpose = {
  /** What the number is for, as the person reads it. */
  name: BilingualText;
  /** The provisions that allow it. */
  law: BilingualText;
};

const number4 = { ja: "番号法第9条第4項（個人番号関係事務）", en: "My Number Act, Article 9(4)" };
const under = (ja: string, en: string) => ({ ja: `${ja}、${number4.ja}`, en: `${en}; ${number4.en}` });

/**
 * 個人番号の利用範囲: all purposes for which a private party may ask for a My Number through xID. The list is closed, as the
 * law's is: nothing else may be asked for (番号法第15条、第19条、第20条), and consent does not change that.
 */
export const myNumberPurposes = {
  "tax.payment_record": {
    name: { ja: "報酬・使用料などの支払調書の作成", en: "Payment records for fees, royalties and rent" },
    law: under("所得税法第225条第1項", "Income Tax Act, Article 225(1)"),
  },
  "tax.withholding_slip": {
    name: { ja: "給与・退職所得の源泉徴収票の作成", en: "Withholding slips for salaries and retirement pay" },
    law: under("所得税法第194条、第226条", "Income Tax Act, Articles 194 and 226"),
  },
  "tax.interest_and_dividends": {
    name: { ja: "利子・配当・株式譲渡の支払調書の作成", en: "Payment records for interest, dividends and shares sold" },
    law: under("所得税法第224条、第224条の3、第225条", "Income Tax Act, Articles 224, 224-3 and 225"),
  },
  "tax.specified_account": {
    name: { ja: "特定口座の開設と年間取引報告書の作成", en: "A specified account and its annual report" },
    law: under("租税特別措置法第37条の11の3", "Act on Special Measures Concerning Taxation, Article 37-11-3"),
  },
  "tax.nisa": {
    name: { ja: "NISA（非課税口座）の開設と届出", en: "A NISA tax-free account" },
    law: under("租税特別措置法第37条の14", "Act on Special Measures Concerning Taxation, Article 37-14"),
  },
  "tax.zaikei": {
    name: {
      ja: "財形住宅貯蓄・財形年金貯蓄の非課税申告",
      en: "Tax exemption of workers' property accumulation savings",
    },
    law: under("租税特別措置法第4条の2、第4条の3", "Act on Special Measures Concerning Taxation, Articles 4-2 and 4-3"),
  },
  "tax.overseas_remittance": {
    name: { ja: "国外送金・国外証券移管の調書の作成", en: "Records of remittances and securities sent abroad" },
    law: under("国外送金等調書法第3条、第4条の2", "Overseas Remittance Records Act, Articles 3 and 4-2"),
  },
  "tax.insurance_payment": {
    name: { ja: "生命保険金・損害保険金などの支払調書の作成", en: "Payment records for insurance benefits" },
    law: under(
      "所得税法第225条第1項、相続税法第59条第1項",
      "Income Tax Act, Article 225(1); Inheritance Tax Act, Article 59(1)",
    ),
  },
  "tax.gold": {
    name: { ja: "金地金などの譲渡の支払調書の作成", en: "Payment records for gold and other bullion" },
    law: under("所得税法第224条の6、第225条第1項", "Income Tax Act, Articles 224-6 and 225(1)"),
  },
  "social_insurance.health_and_pension": {
    name: { ja: "健康保険・厚生年金保険の届出", en: "Notices for health insurance and employees' pension" },
    law: under(
      "健康保険法第48条、厚生年金保険法第27条",
      "Health Insurance Act, Art. 48; Employees' Pension Act, Art. 27",
    ),
  },
  "social_insurance.national_pension": {
    name: { ja: "国民年金第3号被保険者の届出", en: "Notices for dependent spouses in the national pension" },
    law: under("国民年金法第12条", "National Pension Act, Article 12"),
  },
  "social_insurance.employment": {
    name: { ja: "雇用保険の届出", en: "Notices for employment insurance" },
    law: under("雇用保険法第7条", "Employment Insurance Act, Article 7"),
  },
  "disaster.payment": {
    name: { ja: "激甚災害時の預金・保険金などの支払い", en: "Payments to customers after a severe disaster" },
    law: { ja: "番号法第9条第5項", en: "My Number Act, Article 9(5)" },
  },
  /** A different act from `account.numbering`, and asked for by itself. */
  "account.public_money": {
    name: {
      ja: "公金受取口座の登録の申請（預貯金口座付番とは別の手続です）",
      en: "Registering this account for public benefits (not the numbering of accounts)",
    },
    law: {
      ja: "公金受取口座登録法（令和3年法律第38号）",
      en: "Act on the Registration of Accounts for Public Benefits (Act 38 of 2021)",
    },
  },
  "account.numbering": {
    name: {
      ja: "預貯金口座付番の申出（公金受取口座の登録とは別の手続です）",
      en: "Numbering your accounts at this bank (not the registration for public benefits)",
    },
    law: {
      ja: "口座管理法（令和3年法律第39号）第3条",
      en: "Act on the Management of Accounts by Use of Individual Numbers (Act 39 of 2021), Article 3",
    },
  },
} as const satisfies Record<string, Purpose>;

export type MyNumberPurpose = keyof typeof myNumberPurposes;
