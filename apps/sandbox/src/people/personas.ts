import { birthdayIn, type Day, dayInJapan, dayLength, startOfDay } from "../calendar.ts";
import type { CastMember } from "./cast.ts";

/** What becomes of a resident between the issue of their card and today. */
export type Past =
  | { type: "wrong-passwords"; times: number }
  | { type: "revoke"; daysAgo: number }
  | { type: "move"; daysAgo: number; from: string }
  | { type: "renew"; daysAgo: number };

/** A resident made to order, named for what a relying party will meet. */
export type Persona = {
  id: string;
  ja: string;
  en: string;
  about: { ja: string; en: string };
  /** Who plays it first; later ones come from the cast. */
  played: Omit<CastMember, "birthdate"> & { birthdate: Day | ((today: Day) => Day) };
  /** Whether name and reading are the point, so that later ones have them too. */
  keepsName?: true;
  /** The age that the point depends on, on the day of issue. */
  age: "child" | "fifteen-or-more" | "any";
  issuedAt: (now: Date, birthdate: Day) => Date;
  past: Past[];
};

const daysAgo = (days: number) => (now: Date) => new Date(now.getTime() - days * dayLength);
const today = (now: Date, offset = 0) => dayInJapan(new Date(now.getTime() + offset * dayLength));

/** A day so many days from another one, in a given year. */
const anniversary = (offset: number, year: number) => (day: Day) => {
  const shifted = new Date(startOfDay(day).getTime() + offset * dayLength);
  return birthdayIn(year, dayInJapan(shifted));
};

/** When a card was issued whose certificates end on a certain birthday: a month before the fifth last one. */
function issuedFor(lastBirthday: Day, birthdate: Day): Date {
  const first = birthdayIn(Number(lastBirthday.slice(0, 4)) - 4, birthdate);
  return new Date(startOfDay(first).getTime() - 30 * dayLength + 10 * 60 * 60 * 1000);
}

/** The last birthday before a day. */
function birthdayBefore(day: Day, birthdate: Day): Day {
  const year = Number(day.slice(0, 4));
  const thisYear = birthdayIn(year, birthdate);
  return thisYear < day ? thisYear : birthdayIn(year - 1, birthdate);
}

const ordinary = { age: "fifteen-or-more", issuedAt: daysAgo(300), past: [] } satisfies Partial<Persona>;

export const personas: readonly Persona[] = [
  {
    ...ordinary,
    id: "default",
    ja: "ふつうの住民",
    en: "Ordinary resident",
    about: {
      ja: "カードも電子証明書も有効です。登録・ログイン・署名のすべてが成功します。",
      en: "Card and certificates are valid. Enrolment, sign-in and signing all succeed.",
    },
    age: "any",
    played: {
      id: "hanako",
      name: "山田　花子",
      kana: "ヤマダ　ハナコ",
      gender: "female",
      birthdate: "1988-03-05",
      municipality: "13221",
    },
  },
  {
    ...ordinary,
    id: "one-try-left",
    ja: "署名用パスワード残り1回",
    en: "One try left",
    about: {
      ja: "署名用パスワードをあと1回間違えるとロックされます。",
      en: "One more wrong signature password blocks it.",
    },
    played: {
      id: "nozomi",
      name: "小川　望",
      kana: "オガワ　ノゾミ",
      gender: "female",
      birthdate: "1993-02-28",
      municipality: "12204",
    },
    past: [{ type: "wrong-passwords", times: 4 }],
  },
  {
    ...ordinary,
    id: "password-blocked",
    ja: "署名用パスワードがロック中",
    en: "Password blocked",
    about: {
      ja: "署名用パスワードを5回間違えてロックされています。窓口での初期化が必要です。",
      en: "Five wrong signature passwords: blocked until the city office resets it.",
    },
    played: {
      id: "kaoru",
      name: "岡田　薫",
      kana: "オカダ　カオル",
      gender: "unknown",
      birthdate: "1982-10-10",
      municipality: "27203",
    },
    past: [{ type: "wrong-passwords", times: 5 }],
  },
  {
    ...ordinary,
    id: "certificate-revoked",
    ja: "電子証明書が失効済み",
    en: "Certificate revoked",
    about: {
      ja: "本人の届出により、2つの電子証明書が3日前に失効しています。",
      en: "Both certificates were revoked three days ago at the holder's request.",
    },
    played: {
      id: "ryo",
      name: "藤井　亮",
      kana: "フジイ　リョウ",
      gender: "male",
      birthdate: "1976-06-06",
      municipality: "23101",
    },
    past: [{ type: "revoke", daysAgo: 3 }],
  },
  {
    ...ordinary,
    id: "certificate-expired",
    ja: "電子証明書の期限切れ",
    en: "Certificate expired",
    about: {
      ja: "最近の誕生日で電子証明書の有効期限が切れました。カードとパスワードは使えます。",
      en: "Both certificates expired on the last birthday. Card and passwords still work.",
    },
    played: {
      id: "setsuko",
      name: "村上　節子",
      kana: "ムラカミ　セツコ",
      gender: "female",
      birthdate: anniversary(-10, 1957),
      municipality: "30201",
    },
    issuedAt: (now, birthdate) => issuedFor(birthdayBefore(today(now), birthdate), birthdate),
  },
  {
    ...ordinary,
    id: "moved-last-week",
    ja: "先週引っ越した",
    en: "Moved last week",
    about: {
      ja: "7日前の転入で署名用電子証明書が失効し、まだ再発行を受けていません。利用者証明用は有効です。",
      en: "A move seven days ago revoked the signature certificate, and it hasn't been reissued. The other is valid.",
    },
    played: {
      id: "saori",
      name: "近藤　沙織",
      kana: "コンドウ　サオリ",
      gender: "female",
      birthdate: "1995-08-13",
      municipality: "37201",
    },
    past: [{ type: "move", daysAgo: 7, from: "13112" }],
  },
  {
    ...ordinary,
    id: "renewed-today",
    ja: "今日更新した",
    en: "Renewed today",
    about: {
      ja: "有効期限が近づいたため、今日2つの電子証明書を更新しました。古い証明書は失効しています。",
      en: "Both certificates were renewed today, before their end; the old ones are superseded.",
    },
    played: {
      id: "toru",
      name: "石井　徹",
      kana: "イシイ　トオル",
      gender: "male",
      birthdate: anniversary(45, 1969),
      municipality: "34207",
    },
    issuedAt: (now, birthdate) => issuedFor(birthdayBefore(today(now, 367), birthdate), birthdate),
    past: [{ type: "renew", daysAgo: 0 }],
  },
  {
    ...ordinary,
    id: "under-15",
    ja: "15歳未満",
    en: "Under 15",
    about: {
      ja: "15歳未満のため、署名用電子証明書がありません。",
      en: "A child: there is no signature certificate on the card.",
    },
    age: "child",
    played: {
      id: "hina",
      name: "遠藤　陽菜",
      kana: "エンドウ　ヒナ",
      gender: "female",
      birthdate: childhood,
      municipality: "14133",
    },
  },
  {
    ...ordinary,
    id: "long-foreign-name",
    ja: "長い外国人氏名",
    en: "Long foreign name",
    about: {
      ja: "アルファベットの長い氏名です。氏名欄の桁数や区切りの扱いを確かめられます。",
      en: "A long name in the Latin alphabet, for finding narrow name fields.",
    },
    keepsName: true,
    played: {
      id: "maximilian",
      name: "ＶＯＮ　ＨＯＨＥＮＦＥＬＤ－ＷＩＥＳＥＮＴＨＡＬ　ＭＡＸＩＭＩＬＩＡＮ　ＦＲＩＥＤＲＩＣＨ　ＣＨＲＩＳＴＯＰＨ　ＡＬＥＸＡＮＤＥＲ",
      kana: "フォン　ホーエンフェルト・ヴィーゼンタール　マクシミリアン　フリードリヒ　クリストフ　アレクサンダー",
      gender: "male",
      birthdate: "1984-11-21",
      municipality: "13103",
    },
  },
  {
    ...ordinary,
    id: "external-characters",
    ja: "外字を含む氏名",
    en: "External characters",
    about: {
      ja: "氏名に電子証明書で使えない文字があり、代替文字とその位置情報が記録されています。",
      en: "The name has characters that a certificate can't hold; substitutes and their positions are recorded.",
    },
    keepsName: true,
    played: {
      id: "yoshino",
      name: "髙﨑　𠮷乃",
      kana: "タカサキ　ヨシノ",
      gender: "female",
      birthdate: "1991-01-08",
      municipality: "10202",
    },
  },
];

/** Ten years and some months old. */
function childhood(day: Day): Day {
  return anniversary(-100, Number(day.slice(0, 4)) - 10)(day);
}
