// The reference of the sign-in benchmark: oidc-provider as it comes, on its memory adapter, with one account and an
// interaction that answers itself. Prints "listening" when it serves.
import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { createServer } from "node:http";
import { type Configuration, type JWK, Provider } from "oidc-provider";

const port = Number(process.env.XID_PORT);
const publicJwk = JSON.parse(process.env.CLIENT_JWK ?? "{}") as JWK;
const redirectUri = process.env.REDIRECT_URI ?? "";
const issuer = `http://localhost:${port}`;

const generated = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const key = { ...(generated as JsonWebKey), use: "sig", alg: "ES256", kid: "1" } as unknown as JWK;

const configuration: Configuration = {
  jwks: { keys: [key] } as NonNullable<Configuration["jwks"]>,
  clients: [
    {
      client_id: "bench",
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      id_token_signed_response_alg: "ES256",
      jwks: { keys: [publicJwk] },
    },
  ],
  claims: { openid: ["sub"], name: ["name"], birthdate: ["birthdate"], gender: ["gender"], address: ["address"] },
  cookies: { keys: ["a key that signs the cookies of a benchmark"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: "山田　花子", birthdate: "1990-01-01", gender: "female" }),
  }),
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 300, Session: 3600 },
};

const provider = new Provider(issuer, configuration);
const callback = provider.callback();

const server = createServer((request, response) => {
  if (!request.url?.startsWith("/interaction/")) return callback(request, response);
  answerItself().catch((error: Error) => {
    response.statusCode = 500;
    response.end(error.message);
  });

  async function answerItself() {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: "account", clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const grantId = await grant.save();
    const result = { login: { accountId: "account" }, consent: { grantId } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
});
server.listen(port, () => process.stdout.write("listening\n"));
process.on("SIGTERM", () => process.exit(0));
