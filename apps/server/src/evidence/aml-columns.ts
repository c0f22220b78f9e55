import type { AmlRecord } from "@xid/protocol";

export type AmlColumn = { title: string; value(record: AmlRecord): string };

const kinds: Record<AmlRecord["kind"], string> = {
  sign_in: "サインイン・情報提供",
  card_signature: "カード署名",
  document_signature: "電子署名",
  identity_refresh: "本人確認情報の更新",
  my_number: "マイナンバーの提供",
};
const genders: Record<string, string> = { male: "男", female: "女", unknown: "不明" };
const changes: Record<string, string> = { moved_or_renamed: "転居・氏名変更等", renewed: "更新", expired: "期限切れ" };

/**
 * 確認記録の項目 (施行規則20条1項), in the order of a form. The first two are for the relying party to fill in: who checked and who
 * recorded are its own staff.
 */
export const amlColumns: readonly AmlColumn[] = [
  { title: "確認を行った者", value: () => "" },
  { title: "記録を作成した者", value: () => "" },
  { title: "確認記録番号", value: ({ evidenceId }) => evidenceId },
  { title: "顧客識別子", value: ({ subject }) => subject },
  { title: "依頼番号", value: ({ requestId }) => requestId },
  { title: "行為", value: ({ kind }) => kinds[kind] },
  { title: "依頼日時", value: ({ requestedAt }) => japanTime(requestedAt) },
  { title: "承認日時", value: ({ time }) => japanTime(time) },
  { title: "利用目的", value: ({ purpose }) => purpose.ja },
  { title: "確認方法", value: ({ method }) => (method ? `${method.law}${method.letter ?? ""}` : "") },
  { title: "法令の施行日", value: ({ method }) => method?.lawVersion ?? "" },
  { title: "方法の名称", value: ({ method }) => method?.name ?? "" },
  { title: "確認の根拠", value: ({ basis }) => (basis === "card" ? "カードの操作" : basis ? "登録済みの端末" : "") },
  { title: "証明書の発行者", value: ({ certificate }) => certificate?.issuer ?? "" },
  { title: "証明書の発行番号", value: ({ certificate }) => certificate?.serial ?? "" },
  { title: "証明書の有効期限", value: ({ certificate }) => (certificate ? japanTime(certificate.notAfter) : "") },
  { title: "有効性確認の日時", value: ({ certificateCheckedAt: at }) => (at ? japanTime(at) : "") },
  { title: "有効性確認の方法", value: ({ certificateCheckedBy: by }) => by?.toUpperCase() ?? "" },
  { title: "証明書の変化", value: ({ identityChanged: why }) => (why ? (changes[why] ?? why) : "") },
  { title: "氏名", value: ({ items }) => text(items.name) },
  { title: "生年月日", value: ({ items }) => text(items.birthdate) },
  { title: "性別", value: ({ items }) => (items.gender === undefined ? "" : (genders[String(items.gender)] ?? "")) },
  { title: "住所", value: ({ items }) => text((items.address as { formatted?: unknown } | undefined)?.formatted) },
  {
    title: "端末での確認",
    value: ({ userVerification }) => (userVerification === "biometric" ? "生体認証" : "アプリの暗証番号"),
  },
  { title: "証跡ログ番号", value: ({ logIndex }) => (logIndex === null ? "" : String(logIndex)) },
  { title: "取引関係の終了日", value: ({ relationshipEndedAt: at }) => (at ? japanTime(at) : "") },
  { title: "保存期限", value: ({ keptUntil: at }) => (at ? japanTime(at) : "") },
  { title: "保全", value: ({ legalHold }) => (legalHold ? "保全中" : "") },
];

/** `2026-11-25 09:03:12`, in Japan. */
export function japanTime(iso: string): string {
  return new Date(Date.parse(iso) + 9 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
