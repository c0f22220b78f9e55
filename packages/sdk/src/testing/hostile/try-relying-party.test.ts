import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createXid, type XidOptions } from "../../server/xid.ts";
import { attacks } from "./attacks.ts";
import { startCarelessRelyingParty } from "./careless-relying-party.ts";
import { reportText } from "./report-text.ts";
import { type Report, tryRelyingParty } from "./try-relying-party.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function ours(issuer: string, options: Partial<XidOptions> = {}) {
  let kept: string | undefined;
  return createXid({
    issuer,
    redirectUri: "http://localhost:9/callback",
    registration: { name: "Test Bank", purpose: { ja: "試験", en: "a test" } },
    store: {
      read: async () => kept,
      write: async (text) => {
        kept = text;
      },
    },
    timeout: 1,
    ...options,
  });
}

const asFunctions = (issuer: string, options: Partial<XidOptions> = {}) => {
  const xid = ours(issuer, options);
  return {
    start: async () => {
      const { url, transaction } = await xid.start({ required: ["name"] });
      return { url, session: transaction };
    },
    finish: (callback: string, transaction: string) => xid.finish(callback, transaction),
  };
};

const outcomes = ({ attacks: results }: Report) => Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]));
const forSignedResponses = [
  "response-not-signed",
  "response-signature-broken",
  "response-audience-wrong",
  "response-expired",
];

describe("a relying party made with our SDK", () => {
  it("refuses every attack", async () => {
    const report = await tryRelyingParty((issuer) => asFunctions(issuer));
    const notUsed = [...forSignedResponses, "not-encrypted", "userinfo-not-encrypted"];
    expect(outcomes(report)).toEqual(
      Object.fromEntries(attacks.map(({ id }) => [id, notUsed.includes(id) ? "not_applicable" : "refused"])),
    );
    expect(report).toMatchObject({ passed: true, worksAfterwards: true });
    expect(report.observed).toMatchObject({
      pushedRequests: true,
      pkce: true,
      state: true,
      nonce: true,
      boundTokens: true,
    });
  });

  it("refuses every attack with message signing and encryption, too", async () => {
    const profile = { profile: "fapi2_message_signing", encrypted: true } as const;
    const report = await tryRelyingParty((issuer) => asFunctions(issuer, profile));
    expect(outcomes(report)).toEqual(Object.fromEntries(attacks.map(({ id }) => [id, "refused"])));
    expect(report.observed).toMatchObject({ signedRequests: true, signedResponses: true, encryptedIdToken: true });
    expect(reportText(report, "ja")).toContain("合格");
  });

  it("is driven by its pages as well", async () => {
    const report = await tryRelyingParty(
      async (issuer) => {
        const server = createServer();
        const origin = await listening(server);
        const xid = ours(issuer, { redirectUri: `${origin}/callback` });
        server.on("request", async (request, response) => {
          try {
            if (request.url === "/sign-in") {
              const { url, transaction } = await xid.start({ required: ["name"] });
              const headers = { location: url, "set-cookie": `t=${transaction}; Path=/callback; HttpOnly` };
              return response.writeHead(303, headers).end();
            }
            const transaction = /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
            const { claims } = await xid.finish(request.url ?? "", transaction);
            response.end(`signed in: ${claims.name}`);
          } catch {
            response.writeHead(400).end("not signed in");
          }
        });
        return { start: `${origin}/sign-in` };
      },
      { only: ["nonce-wrong", "state-swapped", "code-replayed", "token-error-html"] },
    );
    expect(Object.values(outcomes(report))).toEqual(["refused", "refused", "refused", "refused"]);
    expect(report.attacks[0]).toMatchObject({ status: 400 });
  });
});

describe("a careless relying party", () => {
  it("is caught by every attack", async () => {
    const report = await careless({});
    const notUsed = [...forSignedResponses, "not-encrypted", "userinfo-not-encrypted"];
    const special: Record<string, string> = {
      "error-with-html": "reflected",
      "token-error-html": "reflected",
      "token-redirect": "leaked",
      "token-slow": "hung",
    };
    const expected = (id: string) => special[id] ?? (notUsed.includes(id) ? "not_applicable" : "accepted");
    expect(outcomes(report)).toEqual(Object.fromEntries(attacks.map(({ id }) => [id, expected(id)])));
    expect(report).toMatchObject({ passed: false, worksAfterwards: true });
    expect(report.observed).toMatchObject({ pkce: false, state: true });
    expect(reportText(report, "en")).toContain("✗ nonce-wrong");
    expect(reportText(report, "ja")).toContain("不合格");
  });

  it("is caught where it asked for signed responses and encryption", async () => {
    const only = [...forSignedResponses, "not-encrypted", "userinfo-not-encrypted"];
    const report = await careless({ signedResponses: true, encrypted: true }, only);
    expect(Object.values(outcomes(report))).toEqual(only.map(() => "accepted"));
  });
});

describe("a relying party that cannot be judged", () => {
  it("is told so: another provider, a page for everybody, an attack that does not exist", async () => {
    const pages = async (handler: (url: string) => { status: number; location?: string; body?: string }) => {
      const server = createServer((request, response) => {
        const { status, location, body } = handler(request.url ?? "/");
        response.writeHead(status, location ? { location } : {}).end(body);
      });
      return listening(server);
    };
    const elsewhere = await pages(() => ({ status: 303, location: "https://id.example/authorize" }));
    const own = await pages(() => ({ status: 200, body: "Welcome" }));
    await expect(tryRelyingParty(() => ({ start: elsewhere }))).rejects.toThrow(/to be its issuer/);
    await expect(tryRelyingParty(() => ({ start: own }))).rejects.toThrow(/to be its issuer/);
    await expect(tryRelyingParty(() => ({ start: own }), { only: ["no-such"] })).rejects.toThrow(/no attack/);
  });

  it("is told so when its pages do not show who is signed in", async () => {
    const secretive = tryRelyingParty(async (issuer) => {
      const server = createServer();
      const origin = await listening(server);
      server.on("request", (request, response) => {
        if (request.url !== "/sign-in") return response.end("OK");
        const query = new URLSearchParams({ client_id: "x", redirect_uri: `${origin}/callback` });
        response.writeHead(303, { location: `${issuer}/authorize?${query}` }).end();
      });
      return { start: `${origin}/sign-in` };
    });
    await expect(secretive).rejects.toThrow(/signedInText/);
  });
});

async function careless(options: object, only?: string[]): Promise<Report> {
  const relyingParty = async (issuer: string) => {
    const { origin, close } = await startCarelessRelyingParty(issuer, options);
    closing.push(close);
    return { start: `${origin}/sign-in` };
  };
  return tryRelyingParty(relyingParty, { patience: 1500, ...(only && { only }) });
}

async function listening(server: Server): Promise<string> {
  server.listen(0, "localhost");
  await once(server, "listening");
  closing.push(() => server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
