import type { SignedByDevice } from "@xid/protocol";
import { DocumentSignatureResult } from "../../request/act/document-signature.ts";
import { openResult } from "../../request/result.ts";
import { openSigning } from "../../request/signing-order.ts";
import type { PresentResult } from "./present-result.ts";

/** The signature with its report; of a PDF, where the file is. */
export const presentDocumentSignature: PresentResult<"document_signature"> = (platform, request, asked) => {
  const { format, level, document } = openSigning(platform, request, asked.signing);
  const result = openResult(platform, request, DocumentSignatureResult);
  return {
    format,
    level,
    document:
      document.form === "pdf" ? { form: "pdf", documentId: document.documentId, signer: document.position } : document,
    signature: result && toSigned(result),
  };
};

function toSigned({ certificates, cms, jws, content, report }: DocumentSignatureResult): SignedByDevice {
  return { certificates, cms, jws, content, report };
}
