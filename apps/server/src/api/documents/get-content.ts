import { readDocument } from "../../document/document.ts";
import { readContent } from "../../document/document-content.ts";
import { roomForDocuments } from "../../document/room-in-memory.ts";
import { defineRoute } from "../route.ts";
import { documentCall, documentParameters } from "./document-call.ts";

/** The file as it is now. */
export const getDocumentContent = defineRoute({
  method: "get",
  path: "/documents/{id}/content",
  access: { client: "documents" },
  name: "getDocumentContent",
  summary: { ja: "文書のダウンロード", en: "Download a document" },
  description: {
    ja: "今のPDFファイルです。署名のたびに、検証を通ったものに置き換わります。預けたファイルの内容は先頭にそのまま残ります。",
    en: "The PDF file as it is now: with each signature one that has passed validation. It still begins with what was handed in.",
  },
  parameters: documentParameters,
  answer: { mediaType: "application/pdf" },
  serve: (platform, { caller: { clientId }, parameters: { id: documentId } }) =>
    documentCall(async () => {
      const document = await readDocument(platform, { clientId, documentId });
      return roomForDocuments.for(document, () => readContent(platform, document));
    }),
});
