import { z } from "@hono/zod-openapi";
import { ClientEvidence, EvidenceFile } from "@xid/protocol";
import { exportClientEvidence, exportEvidence, findActOfClient } from "../evidence/export.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute } from "./route.ts";

/**
 * The evidence of an act that was done for the relying party: what it may keep of it. The whole record holds the card's certificate
 * and what the person was shown even where they did not let it go; it is for those who have the certificate anyway, of a card
 * signature.
 */
export const getEvidence = defineRoute({
  method: "get",
  path: "/evidence/{id}",
  access: { person: "openid", client: "evidence" },
  name: "getEvidence",
  summary: { ja: "証跡", en: "The evidence of an act" },
  description: {
    ja: "そのサービスのために行われた署名・同意の証跡で、`xid evidence verify` によりオフラインで検証できます。受け取った項目はそれぞれ個別に開示でき、渡されなかった項目は含まれません。証明書を受け取れるサービスには証明書と犯収法の方法も、カードによる署名なら証跡全体を返します。",
    en: "Evidence of what was done for this relying party, which `xid evidence verify` checks offline. Each item that was received can be shown without the others; what was not let go is not in it. Who may have certificates gets the certificate and the method of the AML law too, and of a card signature the whole record.",
  },
  parameters: z.object({ id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) }),
  limit: { burst: 120, perSecond: 5 },
  answer: z.union([EvidenceFile, ClientEvidence]),
  async serve(platform, { caller, parameters: { id } }) {
    const { clientId, receivesCertificates } = caller;
    const act = await findActOfClient(platform, clientId, id);
    if (!act || (caller.token === "person" && act.accountId !== caller.accountId)) throw new ApiProblem("NOT_FOUND");
    const file =
      receivesCertificates && act.kind === "card_signature"
        ? await exportEvidence(platform, act.accountId, id)
        : await exportClientEvidence(platform, act, receivesCertificates);
    if (!file) throw new ApiProblem("NOT_FOUND");
    return file;
  },
});
