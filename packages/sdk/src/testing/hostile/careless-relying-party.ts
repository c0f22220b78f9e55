import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { compactDecrypt, decodeJwt, exportJWK, generateKeyPair, type JWTPayload } from "jose";

/**
 * A relying party that believes everything, so that the robot can be seen to catch it: it takes tokens apart without
 * verifying them, remembers nothing of the sign-in that it began, and shows what it was told.
 */
export async function startCarelessRelyingParty(
  issuer: string,
  { port = 0, signedResponses = false, encrypted = false } = {},
): Promise<{ origin: string; close(): void }> {
  const server = createServer();
  server.listen(port, "localhost");
  await once(server, "listening");
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const { privateKey, publicKey } = await generateKeyPair("ECDH-ES");
  const registration = JSON.stringify({
    redirect_uris: [`${origin}/callback`],
    userinfo_signed_response_alg: "ES256",
    ...(encrypted && { id_token_encrypted_response_alg: "ECDH-ES", userinfo_encrypted_response_alg: "ECDH-ES" }),
    jwks: { keys: [{ ...(await exportJWK(publicKey)), use: "enc" }] },
  });
  let clientId = "";
  /** Once good, for ever good. */
  const remembered = new Map<string, JWTPayload>();

  async function claimsOf(code: string): Promise<JWTPayload> {
    const known = remembered.get(code);
    if (known) return known;
    const body = new URLSearchParams({ grant_type: "authorization_code", code, client_id: clientId });
    // A header is enough for the provider to believe that the token is to be bound.
    const tokens = await fetch(`${issuer}/token`, { method: "POST", body, headers: { dpop: "e30" } });
    const text = await tokens.text();
    if (!tokens.ok) throw new Error(text);
    const { id_token: idToken, access_token: accessToken } = JSON.parse(text) as Record<string, string>;
    const jwt = await opened(idToken ?? "e30.e30.");
    const userInfo = await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } });
    const info = await opened(await userInfo.text());
    const claims = { ...decodeJwt(jwt), ...(info.startsWith("{") ? JSON.parse(info) : decodeJwt(info)) };
    remembered.set(code, claims);
    return claims;
  }

  const opened = async (text: string) =>
    text.split(".").length === 5 ? new TextDecoder().decode((await compactDecrypt(text, privateKey)).plaintext) : text;

  server.on("request", async (request, response) => {
    const url = new URL(request.url ?? "/", origin);
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (url.pathname === "/sign-in") {
      clientId ||= await register(`${issuer}/register`, registration);
      const query = new URLSearchParams({
        client_id: clientId,
        redirect_uri: `${origin}/callback`,
        response_type: "code",
        scope: "openid",
        nonce: randomUUID(),
        state: randomUUID(),
        ...(signedResponses && { response_mode: "jwt" }),
      });
      return response.writeHead(303, { location: `${issuer}/authorize?${query}` }).end();
    }
    try {
      const signed = url.searchParams.get("response");
      const answer = signed ? new URLSearchParams(decodeJwt(signed) as Record<string, string>) : url.searchParams;
      const code = answer.get("code");
      if (!code) return response.end(`<p>${answer.get("error_description")}</p>`);
      const { name } = await claimsOf(code);
      response.end(`<h1>ようこそ、${name}さん</h1>`);
    } catch (error) {
      response.writeHead(500).end(`<p>${(error as Error).message}</p>`);
    }
  });
  return {
    origin,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function register(endpoint: string, body: string): Promise<string> {
  const response = await fetch(endpoint, { method: "POST", body });
  return ((await response.json()) as { client_id: string }).client_id;
}
