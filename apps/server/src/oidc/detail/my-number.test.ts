import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { myNumberLawVersion } from "@xid/protocol";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRequest } from "../../request/engine.ts";
import { registerClient, startTestProvider, TestBrowser, type TestProvider } from "../test-provider.ts";

const type = "urn:xid:my-number";
const nonce = "b2P0nX6cTq8mWd4sKf1vRz7yHg3jLa5e";
const purpose = "tax.specified_account";
const detail = { type, purpose, nonce };

describe("authorization_details that ask for a My Number", () => {
  let op: TestProvider;
  let keys: Server;
  let origin: string;
  let served: unknown;
  let jwks: { keys: object[] };
  const clients: Record<string, string> = {};

  beforeAll(async () => {
    op = await startTestProvider();
    const key = await exportJWK((await generateKeyPair("ECDH-ES", { crv: "P-256" })).publicKey);
    jwks = { keys: [{ ...key, use: "enc", alg: "ECDH-ES", kid: "2026-11" }] };
    keys = createServer((_request, response) => {
      if (served === undefined) response.writeHead(500).end();
      else response.end(typeof served === "string" ? served : JSON.stringify(served));
    }).listen(0);
    await once(keys, "listening");
    origin = `http://localhost:${(keys.address() as AddressInfo).port}`;
    for (const [name, purposes] of Object.entries({
      permitted: [purpose, "tax.nisa"],
      other: ["tax.nisa"],
      none: [],
    })) {
      const { body } = await register({ xid_my_number_purposes: purposes });
      clients[name] = body.client_id!;
    }
    clients.unasked = (await register({})).body.client_id!;
  });
  afterAll(async () => {
    keys.close();
    await op.close();
  });

  const register = (metadata: object) =>
    registerClient(op.issuer, {
      redirect_uris: [`${origin}/callback`],
      token_endpoint_auth_method: "none",
      authorization_details_types: [type],
      jwks_uri: `${origin}/jwks`,
      ...metadata,
    });

  async function push(
    details: unknown,
    client = "permitted",
  ): Promise<{ status: number; body: Record<string, string> }> {
    const response = await fetch(`${op.issuer}/par`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: clients[client]!,
        response_type: "code",
        redirect_uri: `${origin}/callback`,
        scope: "openid name",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256",
        authorization_details: JSON.stringify(details),
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  it("name the purpose; the platform names the law and the relying party's own key, and asks for nothing else along", async () => {
    served = jwks;
    const { status, body } = await push([detail]);
    expect(status).toBe(201);
    const url = `${op.issuer}/authorize?client_id=${clients.permitted}&request_uri=${encodeURIComponent(body.request_uri!)}`;
    const requestId = await new TestBrowser().begin(url, op.issuer);
    const request = (await readRequest({ ...op, unsynced: op.database, clock: Date.now }, requestId))!;
    expect(request.asked).toMatchObject({
      kind: "my_number",
      items: [],
      handOver: {
        purpose,
        nonce,
        lawVersion: myNumberLawVersion,
        recipient: { jwksUri: `${origin}/jwks`, key: { kid: "2026-11" } },
      },
    });
  });

  it.each<[string, unknown, string?]>([
    ["a purpose that this client may not have", [detail], "other"],
    ["any purpose, of a client that may have none", [detail], "none"],
    ["any purpose, of a client that was registered without", [detail], "unasked"],
    ["a purpose that the law does not know", [{ ...detail, purpose: "marketing" }]],
    ["no purpose", [{ type, nonce }]],
    ["no nonce", [{ type, purpose }]],
    ["a nonce that is guessed", [{ ...detail, nonce: "1" }]],
    ["a member that is not known", [{ ...detail, more: 1 }]],
    ["two numbers at once", [detail, detail]],
  ])("are refused at once for %s", async (_, details, client) => {
    served = jwks;
    const { status, body } = await push(details, client);
    expect([status, body.error]).toEqual([400, "invalid_authorization_details"]);
    expect(body.error_description).toContain(type);
  });

  it.each<[string, unknown]>([
    ["has no key for encryption", { keys: [] }],
    ["does not answer", undefined],
    ["answers with something else", "<html>"],
    ["never ends", JSON.stringify({ keys: [], padding: "x".repeat(70_000) })],
  ])("are refused at once when the relying party's jwks_uri %s", async (_, answer) => {
    served = answer;
    const { status, body } = await push([detail]);
    expect([status, body.error]).toEqual([400, "invalid_authorization_details"]);
    expect(body.error_description).toContain("jwks_uri");
  });

  it("take no key from an address that is no public one, outside a sandbox", async () => {
    served = jwks;
    const { profile } = op.config;
    Object.assign(op.config, { profile: "production" });
    const { body } = await push([detail]).finally(() => Object.assign(op.config, { profile }));
    expect(body.error_description).toContain("jwks_uri");
    expect((await push([detail])).status).toBe(201);
  });

  it.each<[string, object]>([
    ["a purpose that the law does not know", { xid_my_number_purposes: ["marketing"] }],
    ["one purpose twice", { xid_my_number_purposes: [purpose, purpose] }],
    ["no list", { xid_my_number_purposes: purpose }],
    ["no jwks_uri", { xid_my_number_purposes: [purpose], jwks_uri: undefined }],
  ])("need a client whose metadata are right: %s is refused", async (_, metadata) => {
    const { body } = await register(metadata);
    expect(body.error).toBe("invalid_client_metadata");
  });
});
