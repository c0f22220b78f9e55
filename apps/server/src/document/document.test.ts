import { randomUUID } from "node:crypto";
import { testPdf } from "@xid/pki/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { transaction } from "../store/database.ts";
import { TestWorld } from "../test-world.ts";
import { deleteDocument, sweepDocuments } from "./delete-document.ts";
import { readDocument } from "./document.ts";
import { readContent } from "./document-content.ts";
import { planSigning } from "./plan-signing.ts";
import { storeDocument } from "./store-document.ts";

const day = 86_400_000;

describe("a document that is handed in", () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.start();
  });
  afterAll(() => world.close());

  const store = (pdf: Buffer, { clientId = "bank", documentId = randomUUID(), days = 1 } = {}) =>
    storeDocument(world.platform, { clientId, documentId, name: "秘密の契約.pdf", pdf, days });
  const seal = (page: number) => ({ page, rectangle: [300, 60, 500, 120] as [number, number, number, number] });
  const plan = (documentId: string, signers: { seal?: ReturnType<typeof seal> }[]) =>
    planSigning(world.platform, { clientId: "bank", documentId }, { level: "B-T", order: "serial", signers });

  it("of many megabytes comes back byte for byte, and stands nowhere in the clear", async () => {
    const filler = `<</Length 5000000>>\nstream\n${"confidential ".repeat(384_616).slice(0, 5_000_000)}\nendstream`;
    const pdf = testPdf("confidential", [filler]);
    const document = await store(pdf);
    expect((await readContent(world.platform, document)).equals(pdf)).toBe(true);
    const { rows } = await sql<{ content_sealed: Buffer }>`
      SELECT content_sealed FROM document_parts WHERE document_id = ${document.documentId}`.execute(
      world.platform.database,
    );
    expect(rows.length).toBe(5);
    for (const row of rows) expect(row.content_sealed.includes("confidential")).toBe(false);
    const { rows: names } = await sql<{ row: string }>`SELECT documents::text AS row FROM documents`.execute(
      world.platform.database,
    );
    expect(JSON.stringify(names)).not.toContain("秘密");
  });

  it.each<[string, Buffer, string]>([
    ["no PDF", Buffer.from("<html>"), "MALFORMED"],
    ["cut off", testPdf().subarray(0, 300), "MALFORMED"],
    [
      "encrypted",
      Buffer.from(testPdf().toString("latin1").replace("/Root", "/Encrypt 9 0 R/Root"), "latin1"),
      "UNSUPPORTED",
    ],
    [
      "without pages",
      Buffer.from(testPdf().toString("latin1").replace("/Kids[3 0 R]", "/Kids[]     "), "latin1"),
      "NOT_SIGNABLE",
    ],
  ])("is refused when it is %s", async (_, pdf, code) => {
    await expect(store(pdf)).rejects.toMatchObject({ name: "DocumentError", code });
  });

  it("under an id that is there already is the one that is there", async () => {
    const documentId = randomUUID();
    const [first] = [await store(testPdf("one"), { documentId })];
    expect(await store(testPdf("two"), { documentId })).toEqual(first);
  });

  it("is nobody else's", async () => {
    const { documentId } = await store(testPdf());
    await expect(readDocument(world.platform, { clientId: "shop", documentId })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(deleteDocument(world.platform, { clientId: "shop", documentId })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("leaves no part behind when it is deleted while somebody signs it", async () => {
    const { documentId } = await store(testPdf());
    const { database } = world.platform;
    const isThis = sql`client_id = 'bank' AND document_id = ${documentId}::uuid`;
    let deleting: Promise<void> | undefined;
    // As the statement of a signature does it: the document's row is held, and a part is added.
    await transaction(database, async (tx) => {
      await sql`SELECT 1 FROM documents WHERE ${isThis} FOR UPDATE`.execute(tx);
      deleting = deleteDocument(world.platform, { clientId: "bank", documentId });
      await vi.waitUntil(async () => {
        const { rows } = await sql`SELECT 1 FROM pg_locks WHERE NOT granted`.execute(database);
        return rows.length > 0;
      });
      await sql`
        INSERT INTO document_parts (client_id, document_id, begins_at, content_sealed)
        VALUES ('bank', ${documentId}::uuid, 100000, '\\x00'::bytea)`.execute(tx);
    });
    await deleting;
    expect((await sql`SELECT 1 FROM document_parts WHERE ${isThis}`.execute(database)).rows).toEqual([]);
  });

  it("is planned anew until somebody has signed, each time from what was handed in", async () => {
    const { documentId, original } = await store(testPdf());
    const two = await plan(documentId, [{ seal: seal(1) }, {}]);
    expect(two.size).toBeGreaterThan(original.size);
    const none = await plan(documentId, [{}]);
    expect(none).toMatchObject({ size: original.size, digest: original.digest });
    expect(none.signers).toHaveLength(1);
    const content = await readContent(world.platform, none);
    expect(content.length).toBe(original.size);
  });

  it("takes no seal on a page that it does not have", async () => {
    const { documentId } = await store(testPdf());
    await expect(plan(documentId, [{ seal: seal(2) }])).rejects.toMatchObject({ code: "SEAL_MISPLACED" });
  });

  it("is not found once its time is over, and is then deleted with all its parts", async () => {
    const { documentId } = await store(testPdf());
    await world.later(day, async () => {
      await expect(readDocument(world.platform, { clientId: "bank", documentId })).rejects.toMatchObject({
        code: "NOT_FOUND",
      });
      expect(await sweepDocuments(world.platform, world.platform.clock())).toBeGreaterThan(0);
    });
    for (const table of ["documents", "document_parts", "document_signers"] as const) {
      const rows = await world.platform.database
        .selectFrom(table)
        .select("document_id")
        .where("document_id", "=", documentId)
        .execute();
      expect(rows).toEqual([]);
    }
  });
});
