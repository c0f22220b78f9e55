import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { FaultKind } from "../faults/fault.ts";

export type Language = "ja" | "en";

/** Chooses between a Japanese and an English text. */
export type Say = <T>(ja: T, en: T) => T;

/** What a page needs to know of its reader: the language, dates in it, and where the page is. */
export type Reader = {
  language: Language;
  say: Say;
  /** A day in Japan, such as 2030年3月5日. */
  day(at: Date | string): string;
  /** A birth date of the register, of which month and day may not be known. */
  birthday(birthdate: string): string;
  /** A moment in Japan to the minute. */
  moment(at: Date): string;
  /** The same to the second. */
  second(at: Date): string;
  /** Where the present page is in the other language. */
  otherLanguage: string;
  surroundings: Surroundings;
};

/** What every page shows of the world around it. */
export type Surroundings = {
  now: Date;
  /** Whether the clock was moved forward. */
  isAhead: boolean;
  /** The kinds of faults that are switched on. */
  faults: FaultKind[];
};

const cookie = "sandbox_language";

/**
 * Japanese, unless the reader has chosen otherwise by `?lang=en`, which is remembered. `path` is where to find the page
 * again, which the answer to a form must say. The context's `surroundings` are set before any page.
 */
export function readerOf(context: Context, path = context.req.path): Reader {
  const asked = context.req.query("lang");
  if (asked === "ja" || asked === "en") {
    setCookie(context, cookie, asked, { path: "/", sameSite: "Lax", httpOnly: true, maxAge: 31_536_000 });
  }
  const language = (asked ?? getCookie(context, cookie)) === "en" ? "en" : "ja";
  const locale = language === "ja" ? "ja-JP" : "en-GB";
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "Asia/Tokyo" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Tokyo" });
  const second = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Tokyo" });
  return {
    language,
    say: (ja, en) => (language === "ja" ? ja : en),
    day: (at) => day.format(typeof at === "string" ? new Date(at) : at),
    birthday: (birthdate) => {
      const [year = "", month = "", known = ""] = birthdate.split("-");
      if (known !== "00") return day.format(new Date(`${birthdate}T00:00:00+09:00`));
      const unknown = language === "ja" ? "不詳" : "not known";
      if (month === "00")
        return language === "ja" ? `${year}年（月日${unknown}）` : `${year} (month and day ${unknown})`;
      return language === "ja" ? `${year}年${Number(month)}月（日${unknown}）` : `${year}-${month} (day ${unknown})`;
    },
    moment: (at) => moment.format(at),
    second: (at) => second.format(at),
    otherLanguage: inOtherLanguage(context, path, language),
    surroundings: context.get("surroundings") as Surroundings,
  };
}

/** The same page, but not what has just been done on it. */
function inOtherLanguage(context: Context, path: string, language: Language): string {
  const { done: _, lang: __, ...query } = path === context.req.path ? context.req.query() : {};
  return `${path}?${new URLSearchParams({ ...query, lang: language === "ja" ? "en" : "ja" })}`;
}
