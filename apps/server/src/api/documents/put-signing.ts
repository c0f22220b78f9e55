import { DocumentState, SigningPlan } from "@xid/protocol";
import { presentDocument } from "../../document/document.ts";
import { planSigning } from "../../document/plan-signing.ts";
import { defineRoute } from "../route.ts";
import { documentCall, documentParameters } from "./document-call.ts";

/** Says who signs a document, how well and in which order. */
export const putSigning = defineRoute({
  method: "put",
  path: "/documents/{id}/signing",
  access: { client: "documents" },
  name: "planSigning",
  summary: { ja: "文書の署名者を決める", en: "Plan who signs a document" },
  description: {
    ja: "署名の水準(PAdES `B-B`から`B-LTA`)、順序(`serial`は順番どおり、`any`は順不同)と、署名者(20人まで)を決めます。署名者は`sub`で1人に限るか、依頼を開いた方とします。`seal`を付けた署名者の印影は、その場所(ページは1から、四角はページの左下から)に氏名・日時・理由とともに表示されます。誰かが署名するまでは、決め直せます。",
    en: "The level (PAdES `B-B` to `B-LTA`), the order (`serial` or `any`) and the signers, at most 20: each one person by `sub`, or whoever opens the request. A signer with a `seal` is seen there, with name, time and reason; the page counts from 1, the rectangle from the lower left. Can be planned anew until somebody has signed.",
  },
  parameters: documentParameters,
  body: { form: "json", shape: SigningPlan },
  answer: DocumentState,
  problems: ["DOCUMENT_SIGNED", "SEAL_MISPLACED", "LEVEL_UNAVAILABLE"],
  serve: (platform, { caller: { clientId }, parameters: { id: documentId }, body: plan }) =>
    documentCall(async () => presentDocument(await planSigning(platform, { clientId, documentId }, plan))),
});
