import { DocumentState } from "@xid/protocol";
import { presentDocument, readDocument } from "../../document/document.ts";
import { defineRoute } from "../route.ts";
import { documentCall, documentParameters } from "./document-call.ts";

/** How far the signing of a document is. */
export const getDocument = defineRoute({
  method: "get",
  path: "/documents/{id}",
  access: { client: "documents" },
  name: "getDocument",
  summary: { ja: "文書の署名の状況", en: "How far the signing of a document is" },
  description: {
    ja: "署名者ごとの状況と、署名のあとに当方の検証器が見つけたこと(ETSI EN 319 102-1の用語)を返します。",
    en: "Who has signed, and what our validator found of the signatures, in the words of ETSI EN 319 102-1.",
  },
  parameters: documentParameters,
  answer: DocumentState,
  serve: (platform, { caller: { clientId }, parameters: { id: documentId } }) =>
    documentCall(async () => presentDocument(await readDocument(platform, { clientId, documentId }))),
});
