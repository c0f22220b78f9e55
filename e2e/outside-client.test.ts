import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { signIn } from "@xid/sdk/testing";
import { exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";
import { describe, expect, inject, it } from "vitest";
import { enrolledResident, everything } from "./headless.ts";

const redirectUri = "http://localhost:9/callback";

describe("a client library that is not ours", () => {
  const places = inject("places");

  it("registers itself and signs in with private_key_jwt, PAR, PKCE and DPoP", async () => {
    const { resident, wallet } = await enrolledResident(places, places.data);
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "rp-1", alg: "ES256", use: "sig" };
    const config = await client.dynamicClientRegistration(
      new URL(places.platform),
      {
        client_name: "Outside Bank",
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        grant_types: ["authorization_code", "refresh_token"],
        dpop_bound_access_tokens: true,
        require_pushed_authorization_requests: true,
        jwks: { keys: [jwk] },
      },
      client.PrivateKeyJwt({ key: privateKey, kid: "rp-1" }),
      { execute: [client.allowInsecureRequests] },
    );

    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const nonce = client.randomNonce();
    const dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    const url = await client.buildAuthorizationUrlWithPAR(
      config,
      {
        redirect_uri: redirectUri,
        scope: "openid name birthdate gender address offline_access",
        prompt: "consent",
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
        nonce,
      },
      { DPoP: dpop },
    );
    const callback = new URL(await signIn(wallet, url.href, everything));
    expect(callback.searchParams.get("iss")).toBe(places.platform);

    const tokens = await client.authorizationCodeGrant(
      config,
      callback,
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      undefined,
      { DPoP: dpop },
    );
    const idToken = tokens.claims()!;
    expect(idToken.iss).toBe(places.platform);
    expect(tokens.token_type).toBe("dpop");
    const userInfo = await client.fetchUserInfo(config, tokens.access_token, idToken.sub, { DPoP: dpop });
    expect(userInfo).toMatchObject({
      name: resident.name,
      birthdate: resident.birthdate,
      gender: resident.gender,
      address: { formatted: resident.address },
    });

    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP: dpop });
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    await expect(
      client.refreshTokenGrant(config, tokens.refresh_token!, undefined, { DPoP: dpop }),
    ).rejects.toMatchObject({ error: "invalid_grant" });
  });

  it("keeps to FAPI 2.0 with message signing, and opens an encrypted ID token and UserInfo", async () => {
    const { resident, wallet } = await enrolledResident(places, places.data);
    const signing = await generateKeyPair("ES256", { extractable: true });
    const encryption = await generateKeyPair("ECDH-ES+A256KW", { extractable: true });
    const sig = { ...(await exportJWK(signing.publicKey)), kid: "sig", alg: "ES256", use: "sig" };
    const enc = { ...(await exportJWK(encryption.publicKey)), kid: "enc", alg: "ECDH-ES+A256KW", use: "enc" };
    const encrypted = { alg: "ECDH-ES+A256KW", enc: "A128CBC-HS256" };
    const config = await client.dynamicClientRegistration(
      new URL(places.platform),
      {
        client_name: "Outside Bank",
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "private_key_jwt",
        xid_profile: "fapi2_message_signing",
        id_token_encrypted_response_alg: encrypted.alg,
        id_token_encrypted_response_enc: encrypted.enc,
        userinfo_signed_response_alg: "ES256",
        userinfo_encrypted_response_alg: encrypted.alg,
        userinfo_encrypted_response_enc: encrypted.enc,
        jwks: { keys: [sig, enc] },
      },
      client.PrivateKeyJwt({ key: signing.privateKey, kid: "sig" }),
      { execute: [client.allowInsecureRequests] },
    );
    client.useJwtResponseMode(config);
    client.enableNonRepudiationChecks(config);
    client.enableDecryptingResponses(config, [encrypted.enc], { key: encryption.privateKey, kid: "enc" });

    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair("PS256"));
    const signed = await client.buildAuthorizationUrlWithJAR(
      config,
      {
        redirect_uri: redirectUri,
        scope: "openid name",
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
        nonce,
      },
      { key: signing.privateKey, kid: "sig" },
    );
    const url = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP: dpop });
    expect([...url.searchParams.keys()].sort()).toEqual(["client_id", "request_uri"]);
    const callback = new URL(await signIn(wallet, url.href, everything));
    expect([...callback.searchParams.keys()]).toEqual(["response"]);

    const tokens = await client.authorizationCodeGrant(
      config,
      callback,
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
      undefined,
      { DPoP: dpop },
    );
    expect(tokens.id_token!.split(".")).toHaveLength(5);
    expect(tokens.claims()!.iss).toBe(places.platform);
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub, { DPoP: dpop });
    expect(info.name).toBe(resident.name);
  });

  it("asks a person over the back channel, polls, and is told of the result", async () => {
    const { wallet } = await enrolledResident(places, places.data);
    const announced = Promise.withResolvers<{ authorization: string | undefined; body: unknown }>();
    const listener = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(204).end();
      announced.resolve({ authorization: request.headers.authorization, body: JSON.parse(body) });
    }).listen(0);
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const config = await client.dynamicClientRegistration(
      new URL(places.platform),
      {
        client_name: "Outside Call Centre",
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        grant_types: ["authorization_code", "urn:openid:params:grant-type:ciba"],
        backchannel_token_delivery_mode: "ping",
        backchannel_client_notification_endpoint: `http://localhost:${port}/`,
        jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "rp-1", alg: "ES256", use: "sig" }] },
      },
      client.PrivateKeyJwt({ key: privateKey, kid: "rp-1" }),
      { execute: [client.allowInsecureRequests] },
    );
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: "openid",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    const callback = new URL(await signIn(wallet, url.href, everything));
    const signedIn = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier: verifier });
    const { sub } = signedIn.claims()!;

    const asked = await client.initiateBackchannelAuthentication(config, {
      scope: "openid name",
      login_hint: sub,
      binding_message: "口座番号の変更の確認です",
      client_notification_token: "outside-token",
      claims: JSON.stringify({ userinfo: { name: { essential: true } } }),
    });
    const polled = client.pollBackchannelAuthenticationGrant(config, asked);
    const [waiting] = (await wallet.requests()).requests;
    const display = await wallet.openRequest({ requestId: waiting!.requestId, via: "link" });
    expect(display).toMatchObject({ via: "push", message: "口座番号の変更の確認です", items: [{ name: "name" }] });
    await wallet.approve(display.requestId, everything);

    expect(await announced.promise).toEqual({
      authorization: "Bearer outside-token",
      body: { auth_req_id: asked.auth_req_id },
    });
    const tokens = await polled;
    expect(tokens.claims()).toMatchObject({ sub, acr: "urn:xid:acr:card-enrolled-device" });
    expect(await client.fetchUserInfo(config, tokens.access_token, sub)).toHaveProperty("name");
    await expect(client.pollBackchannelAuthenticationGrant(config, asked)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    listener.close();
  });
});
