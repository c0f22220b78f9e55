import { generateKeyPairSync } from "node:crypto";
import {
  allowInsecureRequests,
  ClientSecretBasic,
  clientCredentialsGrant,
  discovery,
  getDPoPHandle,
  PrivateKeyJwt,
  randomDPoPKeyPair,
} from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registeredScopes } from "./provider.ts";
import { registerClient, startTestProvider, type TestProvider } from "./test-provider.ts";

let op: TestProvider;
beforeAll(async () => {
  op = await startTestProvider();
});
afterAll(() => op.close());

const machine = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"] };

async function clientOf(metadata: object = {}) {
  const { body } = await registerClient(op.issuer, { ...machine, ...metadata });
  return discovery(new URL(op.issuer), body.client_id!, undefined, ClientSecretBasic(body.client_secret), {
    execute: [allowInsecureRequests],
  });
}

const refusal = (work: Promise<unknown>) => work.then(undefined, (error: { error?: string }) => error.error);

describe("a client's own token", () => {
  it("is for the API, for ten minutes, with the scopes that were asked for", async () => {
    const answer = await clientCredentialsGrant(await clientOf(), { scope: "webhooks documents" });
    expect(answer).toMatchObject({ token_type: "bearer", expires_in: 600, scope: "webhooks documents" });
  });

  it("is not in the database as it is", async () => {
    const { access_token: token } = await clientCredentialsGrant(await clientOf(), { scope: "webhooks" });
    const rows = await op.database.selectFrom("oidc_artefacts").selectAll().execute();
    expect(rows.some(({ model }) => model === "ClientCredentials")).toBe(true);
    expect(JSON.stringify(rows).includes(token)).toBe(false);
  });

  it("may be had with a key instead of a secret, and bound to a key", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { body } = await registerClient(op.issuer, {
      ...machine,
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [publicKey.export({ format: "jwk" })] },
      dpop_bound_access_tokens: true,
    });
    const key = await crypto.subtle.importKey(
      "jwk",
      privateKey.export({ format: "jwk" }) as JsonWebKey,
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["sign"],
    );
    const configuration = await discovery(new URL(op.issuer), body.client_id!, undefined, PrivateKeyJwt(key), {
      execute: [allowInsecureRequests],
    });
    const DPoP = getDPoPHandle(configuration, await randomDPoPKeyPair());
    const answer = await clientCredentialsGrant(configuration, { scope: "requests" }, { DPoP });
    expect(answer.token_type).toBe("dpop");
    expect(await refusal(clientCredentialsGrant(configuration, { scope: "requests" }))).toBe("invalid_grant");
  });

  it("reaches no further than the client's registration", async () => {
    const configuration = await clientOf({ scope: "requests webhooks" });
    expect((await clientCredentialsGrant(configuration, { scope: "requests" })).scope).toBe("requests");
    expect(await refusal(clientCredentialsGrant(configuration, { scope: "requests documents" }))).toBe("invalid_scope");
  });

  it("holds nothing that only a person can give", async () => {
    const answer = await clientCredentialsGrant(await clientOf(), { scope: "openid name requests" });
    expect(answer.scope).toBe("requests");
  });

  it("is for no other audience", async () => {
    const parameters = { scope: "requests", resource: "https://other.example" };
    expect(await refusal(clientCredentialsGrant(await clientOf(), parameters))).toBe("invalid_target");
  });

  it("is not for a client that was not registered for the grant, nor for one that cannot prove itself", async () => {
    const { body } = await registerClient(op.issuer, { redirect_uris: ["http://localhost:4003/callback"] });
    const execute = [allowInsecureRequests];
    const secret = ClientSecretBasic(body.client_secret);
    const configuration = await discovery(new URL(op.issuer), body.client_id!, undefined, secret, { execute });
    expect(await refusal(clientCredentialsGrant(configuration))).toBe("invalid_request");
    const open = await registerClient(op.issuer, { ...machine, token_endpoint_auth_method: "none" });
    expect(open.status).toBe(400);
    const wrong = ClientSecretBasic("wrong");
    const impostor = await discovery(new URL(op.issuer), body.client_id!, undefined, wrong, { execute });
    await expect(clientCredentialsGrant(impostor)).rejects.toMatchObject({ status: 401 });
  });

  it("has in production only what the operator has registered by name", () => {
    const scopes = (profile: "sandbox" | "production", scope: string | undefined) =>
      registeredScopes({ profile }, { scope });
    expect(scopes("production", undefined)).toEqual([]);
    expect(scopes("production", "openid documents name")).toEqual(["documents"]);
    expect(scopes("sandbox", undefined)).toContain("webhooks");
  });
});
