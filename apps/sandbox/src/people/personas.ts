import { birthdayIn, type Day, dayInJapan, dayLength, startOfDay } from "../calendar.ts";
import type { CastMember } from "./cast.ts";
import type { DatedEvent } from "./dated-event.ts";

/** What became of a resident between the issue of their card and today: an event, or wrong passwords at the card. */
export type PastEvent = { type: "wrong-passwords"; times: number } | DatedEvent<"daysAgo">;

/** What the clock will make happen, so many days from the registration. */
export type PlannedEvent = DatedEvent<"inDays">;

/** A resident made to order, named for what a relying party will meet. */
export type Persona = {
  id: string;
  ja: string;
  en: string;
  /** What it makes happen. */
  about: { ja: string; en: string };
  /** Who plays it first; later ones come from the cast. */
  played: Omit<CastMember, "birthdate"> & { birthdate: Day | ((today: Day) => Day) };
  /** Whether name and reading are the point, so that later ones have them too. */
  keepsName?: true;
  /** Whether the birth date is the point likewise. */
  keepsBirthdate?: true;
  /** Where it lives, where that is the point. */
  address?: string;
  /** Code of the municipality where it lived first; the move to where it lives now is in its past. */
  livedIn?: string;
  /** The age that the point depends on, on the day of issue. */
  age: "child" | "fifteen-or-more" | "any";
  /** When the card was issued; null: there is none. */
  issuedAt: ((now: Date, birthdate: Day) => Date) | null;
  /** `next-draft` is a draft of the card to come. */
  cardModel?: "next-draft";
  past: PastEvent[];
  planned?: PlannedEvent[];
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
    livedIn: "13112",
    past: [{ type: "move", daysAgo: 7 }],
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
  {
    ...ordinary,
    id: "expires-tomorrow",
    ja: "電子証明書が明日で期限切れ",
    en: "Certificates expire tomorrow",
    about: {
      ja: "電子証明書の有効期限は明日の終わりです。時計を2日進めると期限切れになります。更新もできます。",
      en: "Both certificates end with tomorrow: move the clock by two days and they have expired. They can be renewed.",
    },
    played: {
      ...{ id: "haruka", name: "西村　遥", kana: "ニシムラ　ハルカ", gender: "female" },
      ...{ birthdate: anniversary(1, 1986), municipality: "25201" },
    },
    issuedAt: (now, birthdate) => issuedFor(birthdayBefore(today(now, 2), birthdate), birthdate),
  },
  {
    ...ordinary,
    id: "moves-tomorrow",
    ja: "明日引っ越す",
    en: "Moves tomorrow",
    about: {
      ja: "今はすべて有効です。時計を1日進めると引っ越し、署名用電子証明書が失効します。",
      en: "All is valid now. Move the clock by a day: the resident moves and the signature certificate is revoked.",
    },
    played: {
      ...{ id: "sho", name: "福田　翔", kana: "フクダ　ショウ", gender: "male" },
      ...{ birthdate: "1998-04-22", municipality: "42201" },
    },
    planned: [{ type: "move", inDays: 1 }],
  },
  {
    ...ordinary,
    id: "turns-15-tomorrow",
    ja: "明日15歳になる",
    en: "Turns fifteen tomorrow",
    about: {
      ja: "署名用電子証明書はまだありません。時計を1日進めると、初めての発行ができます。",
      en: "No signature certificate yet. Move the clock by a day, and the first one can be issued.",
    },
    age: "child",
    keepsBirthdate: true,
    played: {
      ...{ id: "sota", name: "三浦　颯太", kana: "ミウラ　ソウタ", gender: "male" },
      ...{ birthdate: (day) => anniversary(1, Number(dayAfter(day).slice(0, 4)) - 15)(day), municipality: "19201" },
    },
  },
  {
    ...ordinary,
    id: "newborn",
    ja: "カードのない新生児",
    en: "Newborn without a card",
    about: {
      ja: "3日前に生まれ、個人番号はありますが、カードはまだありません。",
      en: "Born three days ago: there is a My Number, and no card until one is issued.",
    },
    age: "child",
    issuedAt: null,
    keepsBirthdate: true,
    played: {
      ...{ id: "mei", name: "太田　芽衣", kana: "オオタ　メイ", gender: "female" },
      ...{ birthdate: (day) => dayInJapan(new Date(startOfDay(day).getTime() - 3 * dayLength)), municipality: "09201" },
    },
  },
  {
    ...ordinary,
    id: "deceased",
    ja: "亡くなった",
    en: "Deceased",
    about: {
      ja: "5日前に亡くなり、すべての電子証明書が失効しています。カードを持つ他人の登録は拒否されます。",
      en: "Died five days ago: all certificates are revoked, and whoever holds the card is refused.",
    },
    played: {
      ...{ id: "tadashi", name: "原田　正", kana: "ハラダ　タダシ", gender: "male" },
      ...{ birthdate: "1940-10-03", municipality: "32201" },
    },
    past: [{ type: "death", daysAgo: 5 }],
  },
  {
    ...ordinary,
    id: "abroad",
    ja: "国外に転出した",
    en: "Moved abroad",
    about: {
      ja: "200日前に国外へ転出し、カードを継続利用しています。住所は国外の書き方で、2つの電子証明書は有効です。",
      en: "Lives abroad since 200 days and keeps using the card: valid certificates with an address abroad.",
    },
    played: {
      ...{ id: "erika", name: "柴田　絵里香", kana: "シバタ　エリカ", gender: "female" },
      ...{ birthdate: "1983-12-01", municipality: "13104" },
    },
    past: [
      { type: "move-abroad", daysAgo: 200 },
      { type: "reissue-signature", daysAgo: 199 },
    ],
  },
  {
    ...ordinary,
    id: "name-changed",
    ja: "結婚して氏が変わった",
    en: "Name changed by marriage",
    about: {
      ja: "10日前に改姓し、5日前に新しい署名用電子証明書を受けました。以前のアカウントに新しい氏名でつながります。",
      en: "A new family name ten days ago and a new signature certificate since: the same account with another name.",
    },
    played: {
      ...{ id: "mio", name: "酒井　美緒", kana: "サカイ　ミオ", gender: "female" },
      ...{ birthdate: "1997-02-17", municipality: "18201" },
    },
    past: [
      { type: "marriage", daysAgo: 10, familyName: "横山", familyKana: "ヨコヤマ" },
      { type: "reissue-signature", daysAgo: 5 },
    ],
  },
  {
    ...ordinary,
    id: "lost-card",
    ja: "カードを紛失した",
    en: "Lost the card",
    about: {
      ja: "2日前に一時停止し、2つの電子証明書は一時停止（certificateHold）です。見つかっても新しい証明書になります。",
      en: "Suspended two days ago: both certificates are on hold. Even when the card is found, new ones are needed.",
    },
    played: {
      ...{ id: "kenji", name: "宮本　健二", kana: "ミヤモト　ケンジ", gender: "male" },
      ...{ birthdate: "1972-08-30", municipality: "43101" },
    },
    past: [{ type: "lose-card", daysAgo: 2 }],
  },
  {
    ...ordinary,
    id: "stolen-card",
    ja: "カードを盗まれた",
    en: "Card stolen",
    about: {
      ja: "2日前に盗難を届け出て、カードは廃止されました。暗証番号を知る者の登録も拒否されます。再交付が必要です。",
      en: "Reported two days ago: the card is void and its certificates on hold, whoever knows the passwords. A new card is needed.",
    },
    played: {
      ...{ id: "ayako", name: "内田　綾子", kana: "ウチダ　アヤコ", gender: "female" },
      ...{ birthdate: "1965-05-09", municipality: "28110" },
    },
    past: [{ type: "theft", daysAgo: 2 }],
  },
  {
    ...ordinary,
    id: "phone-holder",
    ja: "スマホ用電子証明書を持つ",
    en: "Has certificates on a phone",
    about: {
      ja: "カードのほかに、Android端末にも2つの電子証明書があります。発行番号と鍵は別です。",
      en: "Two certificates on an Android phone besides those of the card, with keys and serial numbers of their own.",
    },
    played: {
      ...{ id: "riku", name: "菅原　陸", kana: "スガワラ　リク", gender: "male" },
      ...{ birthdate: "2000-09-14", municipality: "03201" },
    },
    past: [{ type: "get-phone", daysAgo: 30, model: "android" }],
  },
  {
    ...ordinary,
    id: "new-phone",
    ja: "スマートフォンを替えた",
    en: "Changed phones",
    about: {
      ja: "3日前に機種変更し、古い端末の電子証明書は失効、新しいiPhoneの電子証明書が有効です。",
      en: "Changed to an iPhone three days ago: the old phone's certificates are revoked, the new one's are valid.",
    },
    played: {
      ...{ id: "nanami", name: "平野　七海", kana: "ヒラノ　ナナミ", gender: "female" },
      ...{ birthdate: "1999-07-07", municipality: "45201" },
    },
    past: [
      { type: "get-phone", daysAgo: 200, model: "android" },
      { type: "change-phone", daysAgo: 3, model: "iphone" },
    ],
  },
  {
    ...ordinary,
    id: "unknown-birth-day",
    ja: "生まれた日が不明",
    en: "Birth day unknown",
    about: {
      ja: "生年月日の「日」が不明です（1941年5月00日）。日付として扱うと失敗する箇所を見つけられます。",
      en: "Born in May 1941, day unknown, written 00: finds whatever takes it for a date.",
    },
    keepsBirthdate: true,
    played: {
      ...{ id: "fumi", name: "野口　フミ", kana: "ノグチ　フミ", gender: "female" },
      ...{ birthdate: "1941-05-00", municipality: "02202" },
    },
  },
  {
    ...ordinary,
    id: "longest-address",
    ja: "いちばん長い住所",
    en: "Longest address",
    about: {
      ja: "住所が200文字あります。住所欄の桁数や改行の扱いを確かめられます。",
      en: "An address of 200 characters, the most that a certificate holds, for finding narrow address fields.",
    },
    address: longestAddress(),
    played: {
      ...{ id: "jun", name: "大野　純", kana: "オオノ　ジュン", gender: "male" },
      ...{ birthdate: "1987-01-31", municipality: "26104" },
    },
  },
  {
    ...ordinary,
    id: "next-card-draft",
    ja: "次期カード（草案）",
    en: "The next card (a draft)",
    about: {
      ja: "次期個人番号カードの草案です（ECDSA P-384、暗証番号2つ）。公表された仕様ではなく、今の読み取りは断られます。",
      en: "A draft of the card to come: ECDSA P-384 and two PINs. Not a published specification; software for today's card fails.",
    },
    cardModel: "next-draft",
    played: {
      ...{ id: "mirai", name: "杉山　未来", kana: "スギヤマ　ミライ", gender: "female" },
      ...{ birthdate: "1994-11-11", municipality: "22101" },
    },
  },
];

/** Ten years and some months old. */
function childhood(day: Day): Day {
  return anniversary(-100, Number(day.slice(0, 4)) - 10)(day);
}

function dayAfter(day: Day): Day {
  return dayInJapan(new Date(startOfDay(day).getTime() + dayLength));
}

/** Two hundred characters, as many as a certificate holds: street names of Kyoto, a house number and a long building. */
function longestAddress(): string {
  const parts = [
    "京都府京都市中京区河原町通二条下る二丁目下丸屋町から寺町通竹屋町上る藤木町までの通りの東側",
    "１２３４５番地の６７８９０　第三河原町二条御所南団地第十二号棟・",
    "グランドレジデンス京都河原町センチュリータワーアネックス東館リバーサイドプレミアム・",
    "高瀬川西岸地区第一種市街地再開発事業施設建築物住宅棟低層部南側専用通路入口・",
    "一般社団法人京都河原町二条共同住宅管理組合連合会指定居住区画Ａブロック南東角",
  ];
  const room = "２００４号";
  return parts.join("").slice(0, 200 - room.length) + room;
}
