import { z } from "@hono/zod-openapi";
import { DocumentState, maxSignedFileSize, shownLine } from "@xid/protocol";
import { presentDocument } from "../../document/document.ts";
import { storeDocument } from "../../document/store-document.ts";
import { defineRoute } from "../route.ts";
import { documentCall } from "./document-call.ts";

/** Takes in a PDF that is to be signed. */
export const postDocument = defineRoute({
  method: "post",
  path: "/documents",
  access: { client: "documents" },
  name: "createDocument",
  summary: { ja: "署名してもらう文書を預ける", en: "Hand in a document to be signed" },
  description: {
    ja: "PDFファイル(50 MiBまで)を本文にそのまま送ります。署名できるかをここで確かめ、できないものは理由とともに断ります。`name`はアプリに表示する名前、`days`は預かる日数(既定90日、最長365日)です。署名者は、決めなければ、依頼を開いた方1人です。",
    en: "The body is the PDF file itself, at most 50 MiB. Whether it can be signed is found out here; what cannot is refused, with the reason. `name` is shown in the app; `days` is for how long it is kept (90 unless told, 365 at most). Unless planned otherwise one person signs: whoever opens the request.",
  },
  query: z.object({
    name: shownLine(120),
    days: z.coerce.number().int().min(1).max(365).default(90),
  }),
  body: { form: "bytes", mediaTypes: ["application/pdf"], maxSize: maxSignedFileSize },
  answer: DocumentState,
  status: 201,
  creates: true,
  problems: ["DOCUMENT_MALFORMED", "DOCUMENT_UNSUPPORTED", "DOCUMENT_NOT_SIGNABLE", "STORAGE_FULL"],
  serve: (platform, { caller: { clientId }, query: { name, days }, body: { bytes: pdf }, id: documentId }) =>
    documentCall(async () => presentDocument(await storeDocument(platform, { clientId, documentId, name, pdf, days }))),
});
