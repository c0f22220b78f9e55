import type { Day } from "../calendar.ts";
import type { Resident } from "../store/people.ts";

/** A fictional person waiting to be registered. */
export type CastMember = Pick<Resident, "id" | "name" | "kana" | "gender"> & {
  birthdate: Day;
  /** Code of the municipality they live in. */
  municipality: string;
};

const rows = `
hanako   山田　花子     ヤマダ　ハナコ       female 1988-03-05 13221
kenta    佐藤　健太     サトウ　ケンタ       male   1994-07-19 14104
misaki   鈴木　美咲     スズキ　ミサキ       female 2001-11-02 37201
shota    高橋　翔太     タカハシ　ショウタ   male   1997-01-23 01101
yoko     田中　陽子     タナカ　ヨウコ       female 1962-05-30 26104
daisuke  伊藤　大輔     イトウ　ダイスケ     male   1979-09-12 23106
sakura   渡辺　さくら   ワタナベ　サクラ     female 1999-04-01 40133
makoto   中村　誠       ナカムラ　マコト     male   1955-12-08 34101
yumi     小林　由美     コバヤシ　ユミ       female 1971-06-17 20201
ichiro   加藤　一郎     カトウ　イチロウ     male   1948-02-11 22101
aoi      吉田　葵       ヨシダ　アオイ       female 2004-08-26 13113
ren      山本　蓮       ヤマモト　レン       male   2003-10-05 27127
chihiro  松本　千尋     マツモト　チヒロ     female 1990-12-24 47201
naoki    井上　直樹     イノウエ　ナオキ     male   1985-05-05 04101
yui      木村　結衣     キムラ　ユイ         female 1996-09-30 28110
hiroshi  林　浩         ハヤシ　ヒロシ       male   1967-03-14 17201
megumi   斎藤　恵       サイトウ　メグミ     female 1974-01-07 08220
takuya   清水　拓也     シミズ　タクヤ       male   1992-06-21 15103
kumiko   森　久美子     モリ　クミコ         female 1959-10-18 33101
takashi  池田　隆       イケダ　タカシ       male   1964-11-29 46201
rin      橋本　凛       ハシモト　リン       female 2006-02-03 11107
yuma     阿部　悠真     アベ　ユウマ         male   2005-07-07 38201
kazuko   石川　和子     イシカワ　カズコ     female 1938-04-20 05201
kiyoshi  前田　清       マエダ　キヨシ       male   1933-08-15 39201
`;

/** Ordinary residents, in the order in which they come. Any likeness to the living is chance. */
export const cast: readonly CastMember[] = rows
  .trim()
  .split("\n")
  .map((row) => {
    const [id = "", name = "", kana = "", gender, birthdate = "", municipality = ""] = row.split(/ +/);
    return { id, name, kana, gender: gender === "male" ? "male" : "female", birthdate, municipality };
  });
