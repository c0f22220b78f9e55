import { type SigningDocument, toBase64url } from "@xid/protocol";
import { type Document, readDocument, signerAt } from "../../document/document.ts";
import { readContent } from "../../document/document-content.ts";
import { roomForDocuments } from "../../document/room-in-memory.ts";
import type { Platform } from "../../platform.ts";
import { readGoodCertificate } from "../../signature/device-certificate.ts";
import { draftSigning, type Unsigned } from "../../signature/draft-signing.ts";
import { RequestError } from "../request-error.ts";
import { requireSubject } from "../require-subject.ts";
import { openSigning, type SigningOrder } from "../signing-order.ts";
import type { Present } from "./present-request.ts";

/**
 * The layout, the document as it is now, and the octets that the device's key is to sign. Throws `RequestError` when the
 * device's certificate does not stand, and `DocumentError` when it is not this person's turn.
 */
export const presentDocumentSignature: Present<"document_signature"> = async (platform, opened, asked) => {
  const { device, account, common } = opened;
  const [certificate, now] = await Promise.all([readGoodCertificate(platform, device), platform.jpki.now()]);
  if (!certificate) throw new RequestError("SIGNING_CERTIFICATE_UNUSABLE");
  const signing = openSigning(platform, opened.request, asked.signing);
  const { layout, level, format } = signing;
  const { document, stored } = await readShown(platform, common.client.clientId, device.accountId, signing);
  const unsigned = {
    format,
    level,
    layout,
    document,
    signedAt: Math.floor(now / 1000),
    certificate: toBase64url(certificate.der),
  };
  const display: Unsigned = { kind: "document_signature", ...common, signing: unsigned };
  const { name } = account.attributes;
  const toBeSigned = await roomForDocuments.for({ size: stored?.size ?? 0 }, async () => {
    const content = stored && (await readContent(platform, stored));
    return draftSigning(platform.signingAuthority, display, { content, name }).toBeSigned;
  });
  return { signing: { ...unsigned, toBeSigned: toBase64url(toBeSigned) } };
};

async function readShown(
  platform: Platform,
  clientId: string,
  accountId: string,
  { document: asked }: SigningOrder,
): Promise<{ document: SigningDocument; stored: Document | undefined }> {
  if (asked.form !== "pdf") return { document: asked, stored: undefined };
  const { documentId, position } = asked;
  const document = await readDocument(platform, { clientId, documentId });
  const { subject, seal } = signerAt(document, position);
  if (subject !== null) await requireSubject(platform, subject, accountId);
  const shown: SigningDocument = {
    form: "pdf",
    documentId,
    name: document.name,
    size: document.size,
    digest: document.digest,
    pages: document.pages,
    signer: { position, of: document.signers.length },
    signedBefore: signedBefore(document),
    seal: seal && { page: seal.page, rectangle: seal.rectangle, reason: seal.reason ?? null },
  };
  return { document: shown, stored: document };
}

function signedBefore({ signers }: Document): number {
  return signers.filter(({ signedAt }) => signedAt).length;
}
