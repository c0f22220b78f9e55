import { deleteDocument as deleteStored } from "../../document/delete-document.ts";
import { defineRoute } from "../route.ts";
import { documentCall, documentParameters } from "./document-call.ts";

/** Deletes a document before its time is over. */
export const deleteDocument = defineRoute({
  method: "delete",
  path: "/documents/{id}",
  access: { client: "documents" },
  name: "deleteDocument",
  summary: { ja: "文書の削除", en: "Delete a document" },
  description: {
    ja: "預けたファイルと、それに加わった署名を消します。署名の証跡は残ります。消した文書への依頼は、もう署名できません。",
    en: "Deletes the file with all signatures in it. The evidence of the signatures stays. Requests for it cannot be signed any more.",
  },
  parameters: documentParameters,
  answer: null,
  async serve(platform, { caller: { clientId }, parameters: { id: documentId } }) {
    await documentCall(() => deleteStored(platform, { clientId, documentId }));
    return undefined;
  },
});
