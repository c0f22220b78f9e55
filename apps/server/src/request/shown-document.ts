import type { ShownDocument } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import type { AskedDocument } from "../store/database.ts";
import type { Request } from "./request.ts";

/** What is kept of a document in the open, and what is sealed. */
export function splitDocument(document: ShownDocument): { asked: AskedDocument; text: string | undefined } {
  if (document.form === "file") return { asked: document, text: undefined };
  const { text, ...asked } = document;
  return { asked, text };
}

/** The document as it is shown. */
export function openDocument(
  { sealer }: Pick<Platform, "sealer">,
  { requestId, documentSealed }: Pick<Request, "requestId" | "documentSealed">,
  asked: AskedDocument,
): ShownDocument {
  if (asked.form === "file") return asked;
  if (!documentSealed) throw new TypeError("a request for the signature of a text without one");
  return { ...asked, text: sealer.open(documentContext(requestId), documentSealed).toString("utf8") };
}

/** Context of the sealed text of one request. */
export function documentContext(requestId: string): string {
  return `requests.document_sealed:${requestId}`;
}
