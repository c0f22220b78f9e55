import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRequest } from "../../request/engine.ts";
import { openDocument } from "../../request/shown-document.ts";
import { registerClient, startTestProvider, TestBrowser, type TestProvider } from "../test-provider.ts";

const redirectUri = "http://localhost:4003/callback";
const type = "urn:xid:card-signature";
const text = (ja: string, en = "x") => ({ ja, en });
const display = { layout: "account_opening", institution: text("銀行"), account: "ordinary" };
const digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const detail = { type, display, document: { text: "申込書" } };

describe("authorization_details that ask for a card signature", () => {
  let op: TestProvider;
  let clientId: string;
  let simpleClientId: string;

  beforeAll(async () => {
    op = await startTestProvider();
    const register = async (metadata: object) => {
      const client = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none", ...metadata };
      return (await registerClient(op.issuer, client)).body.client_id!;
    };
    clientId = await register({ authorization_details_types: [type] });
    simpleClientId = await register({});
  });
  afterAll(() => op.close());

  async function push(details: unknown, client = clientId): Promise<{ status: number; body: Record<string, string> }> {
    const response = await fetch(`${op.issuer}/par`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: client,
        response_type: "code",
        redirect_uri: redirectUri,
        scope: "openid",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
        authorization_details: JSON.stringify(details),
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  it("may hold a text of 64 KiB, which arrives whole and stands nowhere in the clear", async () => {
    const long = "契約".repeat(10_922);
    const { status, body } = await push([{ ...detail, document: { text: long } }]);
    expect(status).toBe(201);
    const url = `${op.issuer}/authorize?client_id=${clientId}&request_uri=${encodeURIComponent(body.request_uri!)}`;
    const requestId = await new TestBrowser().begin(url, op.issuer);
    const parts = { ...op, unsynced: op.database, clock: Date.now };
    const request = (await readRequest(parts, requestId))!;
    if (request.asked.kind !== "card_signature") throw new Error(request.kind);
    expect(openDocument(op, request, request.asked.signature.document)).toMatchObject({ text: long });
    const { rows } = await sql<{ row: string }>`
      SELECT payload::text AS row FROM oidc_artefacts UNION ALL SELECT requests::text FROM requests`.execute(
      op.database,
    );
    for (const { row } of rows) {
      expect(row).not.toContain("契約契約");
      expect(Buffer.from(row, "base64").toString()).not.toContain("契約契約");
    }
  });

  it.each([
    ["a contract's file by its digest", { display, document: { digest, name: "契約書.pdf", size: 50_000_000 } }],
    ["a file's bytes", { display, document: { data: "AAEC", name: "申込.bin" } }],
    [
      "an application",
      { document: detail.document, display: { layout: "application", title: text("届"), recipient: text("市役所") } },
    ],
  ])("may ask for %s", async (_, members) => {
    expect((await push([{ type, ...members }])).status).toBe(201);
  });

  const document = detail.document;
  it.each<[string, unknown]>([
    ["two signatures at once", [detail, detail]],
    ["another type", [{ ...detail, type: "urn:other" }]],
    ["a member that is not known", [{ ...detail, more: 1 }]],
    ["no document", [{ type, display }]],
    ["a document in two forms", [{ ...detail, document: { text: "x", digest, name: "x", size: 1 } }]],
    ["a text that is too long", [{ ...detail, document: { text: "x".repeat(65_537) } }]],
    ["a text that is too long in bytes", [{ ...detail, document: { text: "契".repeat(21_846) } }]],
    ["a text that turns its direction around", [{ ...detail, document: { text: "100\u202e円" } }]],
    ["bytes that are no base64url", [{ ...detail, document: { data: "AAE=", name: "x" } }]],
    ["a digest of another length", [{ ...detail, document: { digest: "AAAA", name: "x", size: 1 } }]],
    ["a file name of two lines", [{ ...detail, document: { digest, name: "a\nb", size: 1 } }]],
    ["a layout that does not exist", [{ type, document, display: { layout: "free", html: "<b>" } }]],
    ["a layout in one language", [{ type, document, display: { ...display, institution: { ja: "銀行" } } }]],
    [
      "an amount that is none",
      [{ type, document, display: { layout: "contract", title: text("a"), counterparty: text("b"), amount: -1 } }],
    ],
    [
      "a date that is none",
      [
        {
          type,
          document,
          display: { layout: "contract", title: text("a"), counterparty: text("b"), from: "2026-02-30" },
        },
      ],
    ],
  ])("are refused with %s", async (_, details) => {
    const { status, body } = await push(details);
    expect([status, body.error]).toEqual([400, "invalid_authorization_details"]);
  });

  it("are refused of a client that was not registered for them", async () => {
    expect((await push([detail], simpleClientId)).body.error).toBe("invalid_authorization_details");
  });

  it("are refused unread when larger than any that could be in their form", async () => {
    const response = await fetch(`${op.issuer}/par`, {
      method: "POST",
      body: new URLSearchParams({ a: "x".repeat(400_000) }),
    });
    expect(response.status).toBe(413);
  });
});
