import { z } from "@hono/zod-openapi";
import { EvidenceFile, EvidenceReceipt } from "@xid/protocol";
import { clientOfAct, exportEvidence, exportReceipt } from "../evidence/export.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute } from "./route.ts";

/**
 * The evidence of an act that was done for the relying party. The record holds the card's certificate, and what the person
 * was shown even where they did not let it go: it is for those who have the certificate anyway, of a card signature.
 */
export const getEvidence = defineRoute({
  method: "get",
  path: "/evidence/{id}",
  access: { person: "openid" },
  name: "getEvidence",
  summary: { ja: "証跡", en: "The evidence of an act" },
  description: {
    ja: "そのサービスのために行われた署名・同意の証跡です。証明書を受け取れるサービスには、カードによる署名の証跡ファイル(`xid evidence verify` でオフライン検証できるもの)を、それ以外には、ログに記録された事実を示す受領書を返します。",
    en: "Evidence of a signature or consent given for this relying party: of a card signature, for one that may have certificates, the file that `xid evidence verify` checks offline; otherwise a receipt, which shows that the log holds the record.",
  },
  parameters: z.object({ id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) }),
  answer: z.union([EvidenceFile, EvidenceReceipt]),
  async serve(platform, { caller, parameters: { id } }) {
    const { accountId, clientId, receivesCertificates } = caller;
    const act = await clientOfAct(platform, accountId, id);
    if (act?.clientId !== clientId) throw new ApiProblem("NOT_FOUND");
    const whole = receivesCertificates && act.kind === "card_signature";
    const file = whole ? await exportEvidence(platform, accountId, id) : await exportReceipt(platform, act);
    if (!file) throw new ApiProblem("NOT_FOUND");
    return file;
  },
});
