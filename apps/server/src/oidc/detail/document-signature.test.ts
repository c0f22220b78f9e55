import { randomUUID } from "node:crypto";
import { testPdf } from "@xid/pki/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeDocument } from "../../document/store-document.ts";
import type { Platform } from "../../platform.ts";
import { registerClient, startTestProvider, type TestProvider } from "../test-provider.ts";

const redirectUri = "http://localhost:4003/callback";
const type = "urn:xid:document-signature";
const text = (ja: string) => ({ ja, en: "x" });
const display = { layout: "transfer", payee: text("例商店"), account: text("普通 1234567"), amount: 100_000 };
const data = { algorithm: "sha-256", digest: "A".repeat(43), name: "a.bin", size: 1 };

describe("authorization_details that ask for a document signature", () => {
  let op: TestProvider;
  let clientId: string;
  let documentId: string;

  beforeAll(async () => {
    op = await startTestProvider();
    const register = async () => {
      const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" };
      return (await registerClient(op.issuer, { ...metadata, authorization_details_types: [type] })).body.client_id!;
    };
    clientId = await register();
    documentId = await handIn(clientId);
  });
  afterAll(() => op.close());

  async function handIn(owner: string): Promise<string> {
    const platform = { ...op, clock: Date.now, timestamps: undefined } as unknown as Platform;
    const document = { clientId: owner, documentId: randomUUID(), name: "契約書.pdf", pdf: testPdf(), days: 1 };
    return (await storeDocument(platform, document)).documentId;
  }

  async function push(detail: object): Promise<{ status: number; error?: string }> {
    const response = await fetch(`${op.issuer}/par`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: clientId,
        response_type: "code",
        redirect_uri: redirectUri,
        scope: "openid",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
        authorization_details: JSON.stringify([{ type, display, ...detail }]),
      }),
    });
    const { error } = (await response.json()) as { error?: string };
    return { status: response.status, ...(error !== undefined && { error }) };
  }

  it.each<[string, () => object]>([
    ["a document that was handed in", () => ({ format: "pdf", document: { id: documentId } })],
    ["one of its signers", () => ({ format: "pdf", document: { id: documentId, signer: 1 } })],
    ["a CMS signature over data", () => ({ format: "cms", level: "B-B", document: data })],
    ["a CMS signature over a layout", () => ({ format: "cms", level: "B-B" })],
    ["a JWS over a layout, detached", () => ({ format: "jws", detached: true })],
    [
      "a JWS with a longer digest",
      () => ({ format: "jws", document: { ...data, algorithm: "sha-512", digest: "A".repeat(86) } }),
    ],
  ])("may ask for %s", async (_, detail) => {
    expect(await push(detail())).toEqual({ status: 201 });
  });

  it.each<[string, () => object | Promise<object>]>([
    ["a document that is not there", () => ({ format: "pdf", document: { id: randomUUID() } })],
    ["another client's document", async () => ({ format: "pdf", document: { id: await handIn("other") } })],
    ["a signer that it does not have", () => ({ format: "pdf", document: { id: documentId, signer: 2 } })],
    ["a PDF without a document", () => ({ format: "pdf" })],
    ["a level of its own for a PDF", () => ({ format: "pdf", level: "B-B", document: { id: documentId } })],
    [
      "a CMS signature over another digest than its key signs",
      () => ({ format: "cms", level: "B-B", document: { ...data, algorithm: "sha-512", digest: "A".repeat(86) } }),
    ],
    ["a digest that is not of its algorithm", () => ({ format: "jws", document: { ...data, algorithm: "sha-384" } })],
    ["a time stamp where nobody stamps", () => ({ format: "cms", level: "B-T" })],
    ["another format", () => ({ format: "xml" })],
    ["a transfer without its amount", () => ({ format: "jws", display: { ...display, amount: undefined } })],
    ["a payee of two lines", () => ({ format: "jws", display: { ...display, payee: text("a\nb") } })],
  ])("are refused with %s", async (_, detail) => {
    expect(await push(await detail())).toEqual({ status: 400, error: "invalid_authorization_details" });
  });
});
