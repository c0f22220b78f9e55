import { WaitingHandOver } from "@xid/protocol";
import { ApiProblem } from "../http/problem.ts";
import { HandOverResult } from "../request/act/my-number.ts";
import { readHandOver } from "../request/hand-over.ts";
import { openResult } from "../request/result.ts";
import { handOverParameters, handOverPath, readOwnHandOver } from "./read-own-hand-over.ts";
import { defineRoute } from "./route.ts";

/** The envelope with a person's My Number: for the relying party alone, until it says that it has it. */
export const getHandOver = defineRoute({
  method: "get",
  path: handOverPath,
  access: { person: "openid" },
  name: "getHandOver",
  summary: { ja: "マイナンバーの封筒の受取り", en: "The envelope with a My Number" },
  description: {
    ja: "利用者の端末がサービスの鍵だけに宛てて暗号化したマイナンバー(JWE)と、中身を確かめるための情報を返します。xIDには開けません。受け取ったら`DELETE`で知らせてください。承認から15分で消えます。",
    en: "The My Number, encrypted by the person's device to the relying party's own key (JWE), and what its content is to be held against. xID cannot open it. Say by `DELETE` that it has arrived. It is gone 15 minutes after the approval.",
  },
  parameters: handOverParameters,
  answer: WaitingHandOver,
  problems: ["HAND_OVER_GONE"],
  async serve(platform, { caller, parameters: { id } }) {
    const request = await readOwnHandOver(platform, caller, id);
    const result = openResult(platform, request, HandOverResult);
    const found = await readHandOver(platform, id);
    if (!result || found.state !== "waiting") throw new ApiProblem("HAND_OVER_GONE");
    const { purpose, lawVersion } = request.asked.handOver;
    const answer: WaitingHandOver = {
      requestId: id,
      clientId: request.clientId,
      purpose,
      lawVersion,
      envelope: found.envelope,
      ...result,
      approvedAt: request.decidedAt!.toISOString(),
      expiresAt: found.expiresAt.toISOString(),
      evidenceId: request.evidenceId!,
    };
    return answer;
  },
});
