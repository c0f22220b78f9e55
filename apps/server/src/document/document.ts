import type { DocumentState, Seal, SignatureLevel, ValidationReport } from "@xid/protocol";
import type { Selectable } from "kysely";
import type { Platform } from "../platform.ts";
import type { Tables } from "../store/database.ts";
import { DocumentError } from "./document-error.ts";

/** One who signs a document. */
export type Signer = {
  /** From 1. */
  position: number;
  /** Pairwise subject of the one person who may; null for whoever opens the request. */
  subject: string | null;
  seal: Seal | null;
  signedAt: Date | null;
  requestId: string | null;
  evidenceId: string | null;
};

/** A file that a relying party has handed in, as it is now. */
export type Document = {
  clientId: string;
  documentId: string;
  name: string;
  pages: number;
  original: { size: number; digest: string };
  /** Octets. */
  size: number;
  /** SHA-256, base64url. */
  digest: string;
  level: SignatureLevel;
  order: "serial" | "any";
  report: ValidationReport | null;
  createdAt: Date;
  expiresAt: Date;
  /** By position; at least one. */
  signers: readonly Signer[];
};

export type DocumentKey = Pick<Document, "clientId" | "documentId">;

/** Throws `NOT_FOUND`, also for one that is another client's or whose time is over. */
export async function readDocument(
  { database, sealer, clock }: Pick<Platform, "database" | "sealer" | "clock">,
  { clientId, documentId }: DocumentKey,
): Promise<Document> {
  const [row, signers] = await Promise.all([
    database
      .selectFrom("documents")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("document_id", "=", documentId)
      .where("expires_at", ">", new Date(clock()))
      .executeTakeFirst(),
    database
      .selectFrom("document_signers")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("document_id", "=", documentId)
      .orderBy("position")
      .execute(),
  ]);
  if (!row || signers.length === 0) throw new DocumentError("NOT_FOUND");
  return {
    clientId,
    documentId,
    name: sealer.open(documentContext("name", { clientId, documentId }), row.name_sealed).toString("utf8"),
    pages: row.pages,
    original: { size: row.original_size, digest: row.original_digest },
    size: row.size,
    digest: row.digest,
    level: row.level,
    order: row.signing_order,
    report: row.report,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    signers: signers.map(toSigner),
  };
}

function toSigner(row: Selectable<Tables["document_signers"]>): Signer {
  const { position, subject, seal, signed_at, request_id, evidence_id } = row;
  return { position, subject, seal, signedAt: signed_at, requestId: request_id, evidenceId: evidence_id };
}

/** The next whose turn it is; undefined once all have signed. */
export function nextSigner({ signers }: Document): Signer | undefined {
  return signers.find(({ signedAt }) => signedAt === null);
}

/** The signer at a position whose turn it is now. Throws `NO_SUCH_SIGNER` or `NOT_YET`. */
export function signerAt(document: Document, position: number): Signer {
  const signer = document.signers.find((one) => one.position === position);
  if (!signer || signer.signedAt) throw new DocumentError("NO_SUCH_SIGNER");
  if (document.order === "serial" && nextSigner(document) !== signer) throw new DocumentError("NOT_YET");
  return signer;
}

/** As its client sees it. */
export function presentDocument(document: Document): DocumentState {
  const { documentId, name, pages, size, digest, original, level, order, report, createdAt, expiresAt } = document;
  return {
    documentId,
    state: nextSigner(document) ? "waiting" : "signed",
    name,
    pages,
    size,
    digest,
    original,
    level,
    order,
    signers: document.signers.map(({ position, subject, seal, signedAt, requestId, evidenceId }) => ({
      position,
      sub: subject,
      seal,
      signedAt: signedAt?.toISOString() ?? null,
      requestId,
      evidenceId,
    })),
    report,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/** Context of what is sealed of one document. */
export function documentContext(what: string, { clientId, documentId }: DocumentKey): string {
  return `documents.${what}:${clientId}.${documentId}`;
}
