import { readDocumentToSign } from "../request/document-to-sign.ts";
import { device, type Endpoint, pathPart, requestIdForm } from "./endpoint.ts";

/** The PDF that is to be signed, to be shown page by page. */
export const getRequestDocument: Endpoint = async (platform, call) => {
  const file = await readDocumentToSign(platform, device(call), pathPart(call, "id", requestIdForm));
  return call.body(file as Uint8Array<ArrayBuffer>, 200, { "content-type": "application/pdf" });
};
