import { sql } from "kysely";
import type { Platform } from "../platform.ts";
import { type Document, type DocumentKey, documentContext } from "./document.ts";
import { DocumentError } from "./document-error.ts";

type Parts = Pick<Platform, "database" | "sealer">;

/** Octets of a part of what was handed in: so much is sealed and opened at a time. */
const partSize = 1024 * 1024;

export type DocumentPart = { begins_at: number; content_sealed: Buffer };

/** The rows of octets that begin somewhere in the file. */
export function* sealParts(
  { sealer }: Pick<Platform, "sealer">,
  key: DocumentKey,
  content: Uint8Array,
  beginsAt = 0,
): Generator<DocumentPart> {
  for (let at = 0; at < content.length; at += partSize) {
    yield sealPart({ sealer }, key, content.subarray(at, at + partSize), beginsAt + at);
  }
}

/** All that one signature appends is one part. */
export function sealPart(
  { sealer }: Pick<Platform, "sealer">,
  key: DocumentKey,
  content: Uint8Array,
  beginsAt: number,
): DocumentPart {
  return { begins_at: beginsAt, content_sealed: sealer.seal(partContext(key, beginsAt), content) };
}

/** The file as `document` says it is. Throws `CHANGED` when it has become another since, `NOT_FOUND` when it is gone. */
export async function readContent({ database, sealer }: Parts, document: Document): Promise<Buffer> {
  const { clientId, documentId, size } = document;
  const content = Buffer.alloc(size);
  let end = 0;
  // Piece by piece: the pool's row buffers would hold the file twice.
  while (end < size) {
    const row = await database
      .selectFrom("document_parts")
      // The driver takes twice as long for the hexadecimal form of bytea.
      .select(sql<string>`encode(content_sealed, 'base64')`.as("sealed"))
      .where("client_id", "=", clientId)
      .where("document_id", "=", documentId)
      .where("begins_at", "=", end)
      .executeTakeFirst();
    if (!row) throw new DocumentError("NOT_FOUND");
    const part = sealer.open(partContext(document, end), Buffer.from(row.sealed, "base64"));
    if (end + part.length > size) throw new DocumentError("CHANGED");
    part.copy(content, end);
    end += part.length;
  }
  return content;
}

function partContext(key: DocumentKey, beginsAt: number): string {
  return `${documentContext("part", key)}.${beginsAt}`;
}
