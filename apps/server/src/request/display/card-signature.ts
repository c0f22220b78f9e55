import { openDocument } from "../shown-document.ts";
import type { Present } from "./present-request.ts";

/** The layout, and the document as far as it can be shown. */
export const presentCardSignature: Present<"card_signature"> = (platform, { request }, { signature }) => ({
  signature: { display: signature.display, document: openDocument(platform, request, signature.document) },
});
