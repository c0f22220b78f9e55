import type { AttackResult, Outcome, Report } from "./try-relying-party.ts";

type Language = "ja" | "en";

const words: Record<Outcome, Record<Language, string>> = {
  refused: { ja: "拒否した", en: "refused" },
  accepted: { ja: "ログインさせてしまった", en: "SIGNED IN" },
  reflected: { ja: "HTMLをそのまま表示した", en: "SHOWN AS HTML" },
  leaked: { ja: "コードを他へ送った", en: "CODE LEAKED" },
  hung: { ja: "待ち続けた", en: "HUNG" },
  not_applicable: { ja: "対象外", en: "not used" },
  not_reached: { ja: "そこまで進まなかった", en: "not reached" },
};

const harmless: Outcome[] = ["refused", "not_applicable", "not_reached"];

/** One line of the report. */
export function resultText({ id, title, clause, outcome, status }: AttackResult, language: Language): string {
  const mark = outcome === "refused" ? "✓" : harmless.includes(outcome) ? "–" : "✗";
  const answered = status === undefined ? "" : ` (HTTP ${status})`;
  return `${mark} ${id.padEnd(26)} ${words[outcome][language]}${answered} — ${title[language]} [${clause}]`;
}

/** The report for people: what was found wrong first to fix, then what the relying party was seen to use. */
export function reportText({ attacks, observed, passed, worksAfterwards }: Report, language: Language): string {
  const failed = attacks.filter(({ outcome }) => !harmless.includes(outcome));
  const refused = attacks.filter(({ outcome }) => outcome === "refused").length;
  const used = Object.entries(observed).map(([name, yes]) => `${name}: ${yes ? "✓" : "–"}`);
  const ja = language === "ja";
  return [
    ja
      ? `攻撃 ${attacks.length} 件のうち ${refused} 件を拒否、${failed.length} 件が成功しました。`
      : `Of ${attacks.length} attacks ${refused} were refused, ${failed.length} succeeded.`,
    ...failed.map((result) => resultText(result, language)),
    ...(worksAfterwards
      ? []
      : [ja ? "攻撃の後、正しいログインができなくなりました。" : "Afterwards an honest sign-in no longer works."]),
    ...(observed.pkce && observed.state && observed.nonce
      ? []
      : [
          ja
            ? "PKCE・state・nonceのいずれかを使っていません。"
            : "It does not always use PKCE (S256), state and nonce.",
        ]),
    `${ja ? "観測したこと" : "Seen"}: ${used.join(" ")}`,
    passed ? (ja ? "合格" : "PASSED") : ja ? "不合格" : "FAILED",
  ].join("\n");
}
