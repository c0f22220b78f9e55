import { DocumentSignatureDetail, documentSignatureType } from "@xid/protocol";
import { nextSigner, readDocument, signerAt } from "../../document/document.ts";
import { DocumentError } from "../../document/document-error.ts";
import type { Platform } from "../../platform.ts";
import { type SigningOrder, splitSigning } from "../../request/signing-order.ts";
import { type DetailType, refuseDetail } from "./detail-type.ts";
import { parseDetail } from "./parse-detail.ts";

/** A signature by the device's signing key: of an uploaded PDF, of data by its digest, or of a layout. */
export const documentSignatureDetail: DetailType = {
  type: documentSignatureType,
  kind: "document_signature",
  purpose: { ja: "電子署名", en: "Electronic signature" },
  async assert(platform, { clientId }, detail) {
    const asked = parseDetail(documentSignatureType, DocumentSignatureDetail, detail);
    if (asked.format === "cms") {
      if (asked.document && asked.document.algorithm !== "sha-256") {
        refuseDetail(documentSignatureType, "document.algorithm: a CMS signature is over SHA-256");
      }
      if (asked.level === "B-T" && !platform.timestamps) {
        refuseDetail(documentSignatureType, "level: no time-stamping authority is configured");
      }
    }
    if (asked.format === "pdf") await requireSigner(platform, clientId, asked.document);
  },
  async toAsked(platform, common, detail, { clientId }) {
    const asked = DocumentSignatureDetail.parse(detail);
    const { asked: signing, text } = splitSigning(await toOrder(platform, clientId, asked));
    return { asked: { kind: "document_signature", ...common, signing }, text };
  },
};

async function toOrder(platform: Platform, clientId: string, asked: DocumentSignatureDetail): Promise<SigningOrder> {
  const { display: layout } = asked;
  if (asked.format !== "pdf") {
    const document = asked.document ? { form: "data" as const, ...asked.document } : { form: "none" as const };
    return asked.format === "cms"
      ? { format: "cms", level: asked.level, layout, document }
      : { format: "jws", level: "B-B", layout, document, detached: asked.detached };
  }
  const { id: documentId, signer } = asked.document;
  const document = await readDocument(platform, { clientId, documentId });
  // Whose turn it is is looked at when the request is opened, and again when it is approved.
  const position = signer ?? nextSigner(document)?.position ?? document.signers.length;
  return { format: "pdf", level: document.level, layout, document: { form: "pdf", documentId, position } };
}

/** Refuses what nobody could sign now. */
async function requireSigner(
  platform: Platform,
  clientId: string,
  { id: documentId, signer }: { id: string; signer?: number | undefined },
): Promise<void> {
  try {
    const document = await readDocument(platform, { clientId, documentId });
    signerAt(document, signer ?? nextSigner(document)?.position ?? 0);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    refuseDetail(documentSignatureType, `document: ${error.code}`);
  }
}
