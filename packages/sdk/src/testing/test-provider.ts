import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { clientScopes, companionNames, itemNames } from "@xid/protocol";
import { SignJWT } from "jose";
import type { AccountClaims, Configuration, KoaContextWithOIDC } from "oidc-provider";

/**
 * An OpenID Provider on this machine that speaks as xID does and asks nobody: `person` has answered already. Bare
 * oidc-provider over real HTTP, everything in memory. It proves a relying party's code, not xID: no wallet, no card.
 */
export type TestProvider = {
  issuer: string;
  /** Who is signing in, and what they do with the next request. */
  person: { id: string; claims: Record<string, unknown>; declines: boolean; withholds: string[] };
  /** Changes an answer on its way out. */
  tamper: ((context: KoaContextWithOIDC) => void) | undefined;
  /** Answers what is asked of the API, below /v1; nothing is there unless a test puts it there. */
  api: RequestListener | undefined;
  /** Signs claims as this provider signs its ID tokens; for logout tokens and security event tokens, good and bad. */
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /** Forgets every client, as when the data of a sandbox is thrown away. */
  forgetClients(): void;
  /** Client metadata as last registered. */
  registered: Record<string, unknown>[];
  close(): Promise<void>;
};

/** Listens on a free port until `close`. `changes` overrides the library's configuration. */
export async function startTestProvider(changes: Partial<Configuration> = {}): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const { key_ops: _, ext: __, ...jwk } = await crypto.subtle.exportKey("jwk", privateKey);

  const rows = new Map<string, { kind: string; payload: Record<string, unknown> }>();
  const testProvider: TestProvider = {
    issuer,
    person: { id: "hanako", claims: {}, declines: false, withholds: [] },
    tamper: undefined,
    api: undefined,
    registered: [],
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "test", ...header }).sign(privateKey),
    forgetClients() {
      for (const [key, row] of rows) if (row.kind === "Client") rows.delete(key);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };

  class MemoryAdapter {
    kind: string;
    constructor(kind: string) {
      this.kind = kind;
    }
    async upsert(id: string, payload: Record<string, unknown>) {
      if (this.kind === "Client") testProvider.registered.push(payload);
      rows.set(`${this.kind}:${id}`, { kind: this.kind, payload });
    }
    async find(id: string) {
      return rows.get(`${this.kind}:${id}`)?.payload;
    }
    async findByUid(uid: string) {
      return [...rows.values()].find((row) => row.kind === this.kind && row.payload.uid === uid)?.payload;
    }
    async findByUserCode() {
      return undefined;
    }
    async consume(id: string) {
      rows.get(`${this.kind}:${id}`)!.payload.consumed = Math.floor(Date.now() / 1000);
    }
    async destroy(id: string) {
      rows.delete(`${this.kind}:${id}`);
    }
    async revokeByGrantId(grantId: string) {
      for (const [key, row] of rows) if (row.payload.grantId === grantId) rows.delete(key);
    }
  }

  // Only for those who use this: it is an optional peer.
  const { default: Provider } = await import("oidc-provider");
  const provider = new Provider(issuer, {
    adapter: MemoryAdapter,
    jwks: { keys: [{ ...jwk, use: "sig", alg: "ES256", kid: "test" } as never] },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true },
      claimsParameter: { enabled: true },
      userinfo: { enabled: true },
      jwtUserinfo: { enabled: true },
      encryption: { enabled: true },
      requestObjects: { enabled: true },
      jwtResponseModes: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
    },
    clientAuthMethods: ["private_key_jwt"],
    clientDefaults: { authorization_signed_response_alg: "ES256" },
    enabledJWA: {
      idTokenSigningAlgValues: ["ES256"],
      userinfoSigningAlgValues: ["ES256"],
      clientAuthSigningAlgValues: ["ES256"],
      dPoPSigningAlgValues: ["ES256"],
      requestObjectSigningAlgValues: ["ES256"],
      authorizationSigningAlgValues: ["ES256"],
    },
    subjectTypes: ["pairwise"],
    pairwiseIdentifier: async (_context, accountId, client) => `${accountId}-at-${client.clientId}`,
    extraClientMetadata: { properties: ["xid_purpose", "xid_profile", "client_name#ja", "client_name#en"] },
    claims: {
      openid: ["sub", "acr", "amr"],
      ...Object.fromEntries([...itemNames, ...companionNames].map((name) => [name, null])),
      name: ["name"],
      birthdate: ["birthdate"],
      gender: ["gender"],
      address: ["address"],
    },
    scopes: ["openid", "name", "birthdate", "gender", "address", "latest_attributes", ...clientScopes],
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["for tests only"] },
    ttl: {
      AuthorizationCode: 60,
      AccessToken: 600,
      ClientCredentials: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
      Grant: 600,
    },
    findAccount: async (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...testProvider.person.claims }) as AccountClaims,
    }),
    ...changes,
  });
  provider.use(async (context, next) => {
    await next();
    testProvider.tamper?.(context as KoaContextWithOIDC);
  });

  server.on("request", async (request, response) => {
    if (request.url?.startsWith("/v1/") && testProvider.api) return testProvider.api(request, response);
    if (!request.url?.startsWith("/interaction/")) return provider.callback()(request, response);
    const { params, grantId, prompt } = await provider.interactionDetails(request, response);
    const { person } = testProvider;
    if (person.declines) return provider.interactionFinished(request, response, { error: "access_denied" });
    const login = { accountId: person.id, acr: "urn:xid:acr:card-enrolled-device", amr: ["hwk", "user"] };
    if (prompt.name === "login") return provider.interactionFinished(request, response, { login });
    const clientId = String(params.client_id);
    const grant =
      (grantId && (await provider.Grant.find(grantId))) || new provider.Grant({ accountId: person.id, clientId });
    grant.addOIDCScope("openid name birthdate gender address");
    const claims: string[] = [...itemNames, ...companionNames];
    grant.addOIDCClaims(claims.filter((item) => !person.withholds.includes(item)));
    grant.rejectOIDCClaims(person.withholds);
    await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } });
  });
  return testProvider;
}
