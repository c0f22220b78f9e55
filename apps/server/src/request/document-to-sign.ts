import { roomForDocuments } from "../document/room-in-memory.ts";
import { readAccountState } from "../identity/account-state.ts";
import type { Device } from "../identity/device.ts";
import type { Platform } from "../platform.ts";
import { draftAgain, sizeOf } from "./act/document-signature.ts";
import { openDisplay } from "./approve.ts";
import { readRequest, refusal } from "./engine.ts";
import { RequestError } from "./request-error.ts";

/**
 * The PDF file that a request is to sign, with an empty space for the signature, for the device that has opened it. Throws
 * `RequestError`, and `DocumentError("CHANGED")` when the document is another than was shown.
 */
export async function readDocumentToSign(platform: Platform, device: Device, requestId: string): Promise<Uint8Array> {
  const [request, account] = await Promise.all([
    readRequest(platform, requestId),
    readAccountState(platform, device.accountId),
  ]);
  if (request?.deviceId !== device.deviceId) throw new RequestError("NOT_FOUND");
  if (request.state !== "opened") throw refusal(request);
  const shown = openDisplay(platform, request);
  if (shown.kind !== "document_signature") throw new RequestError("NOT_FOUND");
  const { draft } = await roomForDocuments.for({ size: sizeOf(shown) }, () => draftAgain(platform, shown, account));
  if (!draft.file) throw new RequestError("NOT_FOUND");
  return draft.file;
}
