import { createHash } from "node:crypto";
import { addSignatureFields, PkiError } from "@xid/pki";
import type { SigningPlan } from "@xid/protocol";
import type { Platform } from "../platform.ts";
import { transaction } from "../store/database.ts";
import { type Document, type DocumentKey, readDocument } from "./document.ts";
import { readContent, sealParts } from "./document-content.ts";
import { DocumentError } from "./document-error.ts";
import { roomForDocuments } from "./room-in-memory.ts";

/**
 * Says who signs a document, how well and in which order. Places of visible seals are put into the file here, in a revision
 * before the first signature, so that everybody signs where the others' seals will stand. Again as long as nobody has
 * signed. Throws `DocumentError`: `NOT_FOUND`, `SIGNED`, `SEAL_MISPLACED`, or `LEVEL_UNAVAILABLE`.
 */
export async function planSigning(platform: Platform, key: DocumentKey, plan: SigningPlan): Promise<Document> {
  const { database, timestamps } = platform;
  if (plan.level !== "B-B" && !timestamps) throw new DocumentError("LEVEL_UNAVAILABLE");
  const before = await readDocument(platform, key);
  if (before.signers.some(({ signedAt }) => signedAt)) throw new DocumentError("SIGNED");
  const { original } = before;
  const prepared = await roomForDocuments.for(before, async () =>
    placeSeals((await readContent(platform, before)).subarray(0, original.size), before, plan),
  );
  const digest = createHash("sha256").update(prepared).digest("base64url");
  await transaction(database, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("documents")
      .set({ size: prepared.length, digest, level: plan.level, signing_order: plan.order })
      .where("client_id", "=", key.clientId)
      .where("document_id", "=", key.documentId)
      // A signature, or another plan, that came in between.
      .where("digest", "=", before.digest)
      .where("report", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new DocumentError("SIGNED");
    await tx
      .deleteFrom("document_parts")
      .where("client_id", "=", key.clientId)
      .where("document_id", "=", key.documentId)
      .where("begins_at", ">=", original.size)
      .execute();
    for (const part of sealParts(platform, key, prepared.subarray(original.size), original.size)) {
      await tx
        .insertInto("document_parts")
        .values({ client_id: key.clientId, document_id: key.documentId, ...part })
        .execute();
    }
    await tx
      .deleteFrom("document_signers")
      .where("client_id", "=", key.clientId)
      .where("document_id", "=", key.documentId)
      .execute();
    await tx
      .insertInto("document_signers")
      .values(
        plan.signers.map(({ sub = null, seal = null }, index) => ({
          client_id: key.clientId,
          document_id: key.documentId,
          position: index + 1,
          subject: sub,
          seal: seal && JSON.stringify(seal),
        })),
      )
      .execute();
  });
  return readDocument(platform, key);
}

/** Name of the field of a signer whose signature is seen. */
export const sealFieldName = (position: number): string => `xID-${position}`;

function placeSeals(content: Buffer, { pages }: Document, { signers }: SigningPlan): Buffer {
  const fields = signers.flatMap(({ seal }, index) =>
    seal ? [{ fieldName: sealFieldName(index + 1), page: seal.page - 1, rectangle: seal.rectangle }] : [],
  );
  if (fields.length === 0) return content;
  if (fields.some(({ page }) => page >= pages)) throw new DocumentError("SEAL_MISPLACED", `there are ${pages} pages`);
  try {
    return Buffer.from(addSignatureFields(content, fields));
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new DocumentError("SEAL_MISPLACED", cause.message, { cause });
  }
}
