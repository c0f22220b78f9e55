import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";
import type { DocumentKey } from "./document.ts";
import { DocumentError } from "./document-error.ts";

/** The document first: whoever signs it at this moment holds its row, and adds a part. */
const tables = ["documents", "document_parts", "document_signers"] as const;

/** Deletes a document with all that was signed; evidence stays. Throws `NOT_FOUND`. */
export async function deleteDocument({ database }: Pick<Platform, "database">, key: DocumentKey): Promise<void> {
  const deleted = await transaction(database, async (tx) => {
    const counts: bigint[] = [];
    for (const table of tables) {
      const { numDeletedRows } = await tx
        .deleteFrom(table)
        .where("client_id", "=", key.clientId)
        .where("document_id", "=", key.documentId)
        .executeTakeFirst();
      counts.push(numDeletedRows);
    }
    return counts[0];
  });
  if (deleted === 0n) throw new DocumentError("NOT_FOUND");
}

/** Deletes documents whose time is over; returns how many. */
export async function sweepDocuments({ database }: Pick<Platform, "database">, now: number): Promise<number> {
  const rows = await database
    .selectFrom("documents")
    .select(["client_id", "document_id"])
    .where("expires_at", "<=", new Date(now))
    .limit(100)
    .execute();
  const keys = rows.map(({ client_id: clientId, document_id: documentId }) => ({ clientId, documentId }));
  // Another process may have been faster.
  const gone = await Promise.allSettled(keys.map((key) => deleteDocument({ database }, key)));
  const failed = gone.find(
    (one): one is PromiseRejectedResult => one.status === "rejected" && !(one.reason instanceof DocumentError),
  );
  if (failed) throw failed.reason;
  return keys.length;
}
