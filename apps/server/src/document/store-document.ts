import { createHash } from "node:crypto";
import { inspectPdf, PkiError, validatePdf } from "@xid/pki";
import { sql } from "kysely";
import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";
import { type Document, documentContext, readDocument } from "./document.ts";
import { sealParts } from "./document-content.ts";
import { DocumentError } from "./document-error.ts";

/** What one client may keep at a time, in octets. */
const maxKept = 5 * 1024 ** 3;

const day = 86_400_000;

/**
 * Takes a PDF in, once a strict reader has read it as those do that sign and verify it, with one signer, whoever opens the
 * request. One that is there under this id already is answered as it is. Throws `DocumentError`: `MALFORMED`, `UNSUPPORTED`, `NOT_SIGNABLE`, or `TOO_MUCH`.
 *
 * @param days how long it is kept
 */
export async function storeDocument(
  platform: Platform,
  {
    clientId,
    documentId,
    name,
    pdf,
    days,
  }: { clientId: string; documentId: string; name: string; pdf: Buffer; days: number },
): Promise<Document> {
  const { database, sealer, clock, timestamps } = platform;
  const pages = readStrictly(pdf);
  const key = { clientId, documentId };
  const existing = await readDocument(platform, key).catch(unlessMissing);
  if (existing) return existing;
  const digest = createHash("sha256").update(pdf).digest("base64url");
  const now = clock();
  await requireRoom(platform, clientId, pdf.length);
  const level = timestamps ? "B-T" : "B-B";
  await transaction(database, async (tx) => {
    await tx
      .insertInto("documents")
      .values({
        client_id: clientId,
        document_id: key.documentId,
        name_sealed: sealer.seal(documentContext("name", key), name),
        pages,
        original_size: pdf.length,
        original_digest: digest,
        size: pdf.length,
        digest,
        level,
        signing_order: "serial",
        report: null,
        created_at: new Date(now),
        expires_at: new Date(now + days * day),
      })
      .execute();
    for (const part of sealParts(platform, key, pdf)) {
      await tx
        .insertInto("document_parts")
        .values({ client_id: clientId, document_id: key.documentId, ...part })
        .execute();
    }
    await tx
      .insertInto("document_signers")
      .values({ client_id: clientId, document_id: key.documentId, position: 1 })
      .execute();
  });
  return readDocument(platform, key);
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof DocumentError && error.code === "NOT_FOUND")) throw error;
}

function readStrictly(pdf: Buffer): number {
  try {
    const { pages, signatures } = inspectPdf(pdf);
    if (signatures > 0) requireUnbroken(pdf);
    return pages;
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new DocumentError(codeOf(cause), cause.message, { cause });
  }
}

/** Whoever signed before us need not be known here; but what they signed must not have been changed since. */
function requireUnbroken(pdf: Buffer): void {
  const nobody = { anchors: [], timestampAnchors: [], time: new Date() };
  const broken = validatePdf(pdf, nobody).find(({ indication }) => indication === "TOTAL_FAILED");
  if (broken) throw new DocumentError("NOT_SIGNABLE", `a signature in it is broken: ${broken.reason?.message}`);
}

function codeOf({ code }: PkiError): "MALFORMED" | "UNSUPPORTED" | "NOT_SIGNABLE" {
  if (code === "UNSUPPORTED" || code === "TOO_COMPLEX") return "UNSUPPORTED";
  return code === "PROFILE" ? "NOT_SIGNABLE" : "MALFORMED";
}

async function requireRoom({ database }: Pick<Platform, "database">, clientId: string, more: number): Promise<void> {
  const { rows } = await sql<{ kept: string }>`
    SELECT coalesce(sum(size), 0)::text AS kept FROM documents WHERE client_id = ${clientId}`.execute(database);
  if (Number(rows[0]!.kept) + more > maxKept) throw new DocumentError("TOO_MUCH", "more than 5 GiB");
}
