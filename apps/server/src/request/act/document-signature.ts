import { createHash } from "node:crypto";
import { PkiError } from "@xid/pki";
import {
  fromBase64url,
  type SigningDisplay,
  shownDocumentDigest,
  signedContent,
  ValidationReport,
} from "@xid/protocol";
import { type RawBuilder, sql } from "kysely";
import { z } from "zod";
import { type Document, readDocument, signerAt } from "../../document/document.ts";
import { readContent, sealPart } from "../../document/document-content.ts";
import { DocumentError } from "../../document/document-error.ts";
import { roomForDocuments } from "../../document/room-in-memory.ts";
import type { AccountState } from "../../identity/account-state.ts";
import type { Platform } from "../../platform.ts";
import { readGoodCertificate } from "../../signature/device-certificate.ts";
import { draftSigning, type SigningDraft } from "../../signature/draft-signing.ts";
import { finishSigning } from "../../signature/finish-signing.ts";
import type { Request } from "../request.ts";
import { RequestError } from "../request-error.ts";
import { requireSubject } from "../require-subject.ts";
import { openResult } from "../result.ts";
import { requireGoodStanding } from "../standing.ts";
import type { Act, Done } from "./act.ts";

/** What a document signature leaves for the relying party. A PDF is in `documents`. */
export const DocumentSignatureResult = z.object({
  /** SHA-256 of what the device's key signed. */
  toBeSignedDigest: z.string(),
  /** DER: the device's certificate and the authorities above it. */
  certificates: z.array(z.base64()).min(1),
  /** CMS in DER. */
  cms: z.base64().nullable(),
  /** Compact; of a detached one without its payload (RFC 7515 appendix F). */
  jws: z.string().nullable(),
  /** `signedContent`. */
  content: z.base64(),
  report: ValidationReport,
});
export type DocumentSignatureResult = z.infer<typeof DocumentSignatureResult>;

type Signed = { signed: Uint8Array; report: ValidationReport };

/** The device's signing key has signed what was shown: the signature is put in its place, stamped, validated and kept. */
export const documentSignatureAct: Act<"document_signature"> = {
  takes: "document",
  async perform(platform, { request, device, account, shown, statement, given }) {
    const certificateStatus = await requireGoodStanding(platform, account, shown.level);
    const certificate = await readGoodCertificate(platform, device);
    if (!certificate || Buffer.from(certificate.der).toString("base64url") !== shown.signing.certificate) {
      throw new RequestError("SIGNING_CERTIFICATE_UNUSABLE");
    }
    const toBeSignedDigest = sha256(fromBase64url(shown.signing.toBeSigned));
    if (
      !given.document ||
      statement.toBeSignedDigest !== toBeSignedDigest ||
      statement.documentDigest !== shownDocumentDigest(shown)
    ) {
      throw new RequestError("GIVEN_MISMATCH", "the approval is of another document, or came without the signature");
    }
    const { document: about } = shown.signing;
    const signature = fromBase64url(given.document.signature);
    const { document, ...finished } = await roomForDocuments.for({ size: sizeOf(shown) }, async () => {
      const { document, draft } = await draftAgain(platform, shown, account);
      return { document, ...(await finish(platform, { display: shown, draft, signature, certificate })) };
    });
    const chain = [certificate, ...platform.signingAuthority.chain].map(({ der }) => der.toString("base64"));
    return {
      evidence: {
        certificate: account.certificate.stored,
        certificateStatus,
        signing: { signature: given.document.signature, authority: chain.slice(1) },
      },
      result: toResult(request, { shown, chain, toBeSignedDigest, ...finished }),
      ...(document &&
        about.form === "pdf" &&
        keep(platform, request, { document, position: about.signer.position, ...finished })),
    };
  },
  repeats(platform, request, { toBeSignedDigest }) {
    return openResult(platform, request, DocumentSignatureResult)?.toBeSignedDigest === toBeSignedDigest;
  },
};

/** Octets of the file that a display is about. */
export function sizeOf({ signing: { document } }: SigningDisplay): number {
  return document.form === "pdf" ? document.size : 0;
}

/**
 * The draft that was shown, from what was shown. Throws `DocumentError`: `CHANGED` when the document or the number of its
 * signers is another by now, `OTHER_SIGNER` when the place has been given to another person since.
 */
export async function draftAgain(
  platform: Platform,
  shown: SigningDisplay,
  { accountId, attributes: { name } }: Pick<AccountState, "accountId" | "attributes">,
): Promise<{ document: Document | undefined; draft: SigningDraft }> {
  const { document: about, toBeSigned } = shown.signing;
  let document: Document | undefined;
  if (about.form === "pdf") {
    document = await readDocument(platform, { clientId: shown.client.clientId, documentId: about.documentId });
    if (document.digest !== about.digest) throw new DocumentError("CHANGED");
    const { subject } = signerAt(document, about.signer.position);
    if (document.signers.length !== about.signer.of) throw new DocumentError("CHANGED");
    if (subject !== null) await requireSubject(platform, subject, accountId);
  }
  const content = document && (await readContent(platform, document));
  const draft = draftSigning(platform.signingAuthority, shown, { content, name });
  if (!Buffer.from(draft.toBeSigned).equals(fromBase64url(toBeSigned))) throw new DocumentError("CHANGED");
  return { document, draft };
}

async function finish(platform: Platform, finishing: Parameters<typeof finishSigning>[1]): Promise<Signed> {
  try {
    return await finishSigning(platform, finishing);
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new RequestError("SIGNATURE_INVALID", cause.message, { cause });
  }
}

function toResult(
  { asked }: Request,
  {
    shown,
    chain,
    toBeSignedDigest,
    signed,
    report,
  }: Signed & { shown: SigningDisplay; chain: string[]; toBeSignedDigest: string },
): DocumentSignatureResult {
  if (asked.kind !== "document_signature") throw new TypeError("a request of another kind");
  const { signing } = asked;
  const jws = signing.format === "jws" ? Buffer.from(signed).toString("latin1") : null;
  return {
    toBeSignedDigest,
    certificates: chain,
    cms: signing.format === "cms" ? Buffer.from(signed).toString("base64") : null,
    jws: signing.format === "jws" && signing.detached ? jws!.replace(/\..*\./, "..") : jws,
    content: Buffer.from(signedContent(shown)).toString("base64"),
    report,
  };
}

/** Appends what is new of the file, and notes who signed: in the statement of the decision. */
function keep(
  platform: Platform,
  { requestId }: Request,
  { document, position, signed, report }: Signed & { document: Document; position: number },
): Pick<Done, "writes" | "guard"> {
  const { clientId, documentId, size, digest } = document;
  const part = sealPart(platform, document, signed.subarray(size), size);
  const { subject } = signerAt(document, position);
  const own = sql`client_id = ${clientId} AND document_id = ${documentId}::uuid`;
  return {
    guard: {
      query: sql`
        SELECT 1 FROM documents WHERE ${own} AND digest = ${digest} AND EXISTS (
          SELECT 1 FROM document_signers WHERE ${own} AND position = ${position}::int AND signed_at IS NULL
            AND subject IS NOT DISTINCT FROM ${subject}::text
        ) FOR UPDATE`,
      refused: () => new DocumentError("CHANGED"),
    },
    writes: ({ evidenceId, at }): RawBuilder<unknown>[] => [
      sql`
        INSERT INTO document_parts (client_id, document_id, begins_at, content_sealed)
        SELECT client_id, ${documentId}::uuid, ${part.begins_at}::int, ${part.content_sealed}::bytea FROM decided`,
      sql`
        UPDATE documents SET size = ${signed.length}::int, digest = ${sha256(signed)}, report = ${JSON.stringify(report)}::jsonb
        WHERE ${own} AND EXISTS (SELECT 1 FROM decided)`,
      sql`
        UPDATE document_signers SET signed_at = ${at}, request_id = ${requestId}, evidence_id = ${evidenceId}::uuid
        WHERE ${own} AND position = ${position}::int AND EXISTS (SELECT 1 FROM decided)`,
    ],
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
