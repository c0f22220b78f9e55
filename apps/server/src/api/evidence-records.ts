import { z } from "@hono/zod-openapi";
import { type AmlRecord, AmlRecords, Relationship, RelationshipChange, Subject } from "@xid/protocol";
import { amlCsv } from "../evidence/aml-csv.ts";
import { parseCursor, readAmlRecords } from "../evidence/aml-records.ts";
import { readRelationship, writeRelationship } from "../evidence/retention.ts";
import type { ClientCaller } from "../http/caller.ts";
import { ApiProblem } from "../http/problem.ts";
import type { Platform } from "../platform.ts";
import { defineRoute } from "./route.ts";

/** A file is for people: what is longer is read page by page. */
const mostInCsv = 5_000;
const mostInPdf = 500;
const exportLimit = { burst: 10, perSecond: 0.2 };

const Period = z.object({ from: z.iso.datetime(), to: z.iso.datetime() });
type Period = z.infer<typeof Period>;

const fields = {
  ja: "犯収法施行規則第20条第1項の確認記録のうち、本サービスが知る項目です。確認を行った者と記録を作成した者は空欄です。証明書と確認方法は、法令上受け取れるサービスにのみ示します。",
  en: "The fields of record keeping under the AML law (rule 20(1)) that the platform knows; who checked and who recorded are left empty. Certificate and method are for those whom the law lets have them.",
};

export const getEvidenceRecords = defineRoute({
  method: "get",
  path: "/evidence-records",
  access: { client: "evidence" },
  name: "getEvidenceRecords",
  summary: { ja: "確認記録の一覧", en: "Records of a period" },
  description: {
    ja: `期間(from以上to未満)の確認記録を、時刻の順に100件ずつ返します。${fields.ja}`,
    en: `Records of a period (from, and before to), a hundred at a time in the order of their time. ${fields.en}`,
  },
  query: Period.extend({ after: z.string().max(60).optional() }),
  limit: { burst: 60, perSecond: 5 },
  answer: AmlRecords,
  async serve(platform, { caller, query }) {
    if (query.after !== undefined && !parseCursor(query.after)) {
      throw new ApiProblem("REQUEST_INVALID", { detail: "query.after: not a cursor" });
    }
    const { records, next } = await read(platform, caller, query, { after: query.after, limit: 100 });
    return { records, next };
  },
});

export const getEvidenceRecordsCsv = defineRoute({
  method: "get",
  path: "/evidence-records.csv",
  access: { client: "evidence" },
  name: "getEvidenceRecordsCsv",
  summary: { ja: "確認記録のCSV", en: "Records of a period as CSV" },
  description: {
    ja: `期間の確認記録をCSV(UTF-8、BOM付き)で返します。${mostInCsv}件を超える期間は、短く区切ってください。${fields.ja}`,
    en: `Records of a period as CSV (UTF-8 with a byte order mark), at most ${mostInCsv}: ask for shorter periods. ${fields.en}`,
  },
  query: Period,
  limit: exportLimit,
  answer: { mediaType: "text/csv; charset=utf-8" },
  async serve(platform, { caller, query }) {
    return amlCsv(await readAll(platform, caller, query, mostInCsv));
  },
});

export const getEvidenceRecordsPdf = defineRoute({
  method: "get",
  path: "/evidence-records.pdf",
  access: { client: "evidence" },
  name: "getEvidenceRecordsPdf",
  summary: { ja: "確認記録のPDF", en: "Records of a period as PDF" },
  description: {
    ja: `期間の確認記録をPDF(日本語)で返します。${mostInPdf}件を超える期間は、短く区切ってください。同じ記録からは同じファイルができます。${fields.ja}`,
    en: `Records of a period as PDF in Japanese, at most ${mostInPdf}: ask for shorter periods. The same records give the same file. ${fields.en}`,
  },
  query: Period,
  limit: exportLimit,
  answer: { mediaType: "application/pdf" },
  async serve(platform, { caller, query }) {
    const records = await readAll(platform, caller, query, mostInPdf);
    // Loaded with the first export: a server that makes none holds no font.
    const { amlPdf } = await import("../evidence/aml-pdf.ts");
    return amlPdf(records, { ...period(query), client: caller.clientId });
  },
});

const Person = z.object({ sub: Subject });

export const getRelationship = defineRoute({
  method: "get",
  path: "/relationships/{sub}",
  access: { client: "evidence" },
  name: "getRelationship",
  summary: { ja: "取引関係と保存期限", en: "How long a person's evidence is kept" },
  description: {
    ja: "取引関係の終了日、保存期限(終了日から7年)、保全の有無です。連携が解除された方についても取得できます。",
    en: "When the relationship ended, until when its evidence is kept (seven years from then), and whether there is a legal hold; also of people who are not linked any more.",
  },
  parameters: Person,
  answer: Relationship,
  async serve(platform, { caller, parameters: { sub } }) {
    const { ids } = await known(caller, sub);
    return present(sub, await readRelationship(platform, ids));
  },
});

export const putRelationship = defineRoute({
  method: "put",
  path: "/relationships/{sub}",
  access: { client: "evidence" },
  name: "putRelationship",
  summary: { ja: "取引関係の終了と保全の届出", en: "Tell that a relationship has ended, or of a legal hold" },
  description: {
    ja: "取引関係の終了日と、法令等による保全の理由を届け出ます。終了日から7年で、そのサービスのための証跡は消去されます(保全中と、最後の証跡から7年たたないあいだを除く)。消去したことは証跡として残り、ログの記録は変わりません。両方の値を毎回送ってください。",
    en: "Tells when the relationship ended, and why nothing may be erased. Seven years from its end the evidence of it is erased, unless there is a hold or any of it is younger; the erasure is itself evidence, and the log stays as it is. Send both values each time.",
  },
  parameters: Person,
  body: { form: "json", shape: RelationshipChange },
  answer: Relationship,
  async serve(platform, { caller, parameters: { sub }, body: { endedAt, legalHold } }) {
    const { ids } = await known(caller, sub);
    const now = await platform.jpki.now();
    const ended = endedAt === null ? null : new Date(endedAt);
    if (ended && ended.getTime() > now)
      throw new ApiProblem("REQUEST_INVALID", { detail: "body.endedAt: in the future" });
    await writeRelationship(platform, ids, { endedAt: ended, hold: legalHold, now: new Date(now) });
    return present(sub, await readRelationship(platform, ids));
  },
});

export const evidenceRecordRoutes = [
  getEvidenceRecords,
  getEvidenceRecordsCsv,
  getEvidenceRecordsPdf,
  getRelationship,
  putRelationship,
];

function period({ from, to }: Period): { from: Date; to: Date } {
  const parsed = { from: new Date(from), to: new Date(to) };
  if (parsed.from >= parsed.to) throw new ApiProblem("REQUEST_INVALID", { detail: "query.to: not after from" });
  return parsed;
}

async function read(
  platform: Platform,
  { clientId, receivesCertificates: whole, people }: ClientCaller,
  query: Period,
  page: { after?: string | undefined; limit: number },
): Promise<{ records: AmlRecord[]; next: string | null }> {
  const { records, next } = await readAmlRecords(platform, { clientId, whole, ...period(query), ...page });
  return {
    records: records.map(({ accountId, record }) => ({ ...record, subject: people.subjectOf(accountId) })),
    next,
  };
}

async function readAll(platform: Platform, caller: ClientCaller, query: Period, most: number): Promise<AmlRecord[]> {
  const { records, next } = await read(platform, caller, query, { limit: most });
  if (next !== null) throw new ApiProblem("REQUEST_INVALID", { detail: `more than ${most} records in this period` });
  return records;
}

async function known(
  { clientId, people }: ClientCaller,
  sub: string,
): Promise<{ ids: { accountId: string; clientId: string } }> {
  const accountId = (await people.findKnown([sub])).get(sub);
  if (accountId === undefined) throw new ApiProblem("NOT_FOUND");
  return { ids: { accountId, clientId } };
}

function present(
  subject: string,
  { endedAt, hold, keptUntil, erasedAt }: Awaited<ReturnType<typeof readRelationship>>,
) {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return { subject, endedAt: time(endedAt), legalHold: hold, keptUntil: time(keptUntil), erasedAt: time(erasedAt) };
}
