import { base64url, decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { browse } from "../testing/browse.ts";
import { startTestProvider, type TestProvider } from "../testing/test-provider.ts";
import type { ClientStore } from "./client-store.ts";
import { openTransaction, sealTransaction } from "./transaction.ts";
import { createXid, type Xid, type XidOptions } from "./xid.ts";

const redirectUri = "http://127.0.0.1:9/callback";
const registration = {
  name: { ja: "はるかぜ銀行", en: "Harukaze Bank" },
  purpose: { ja: "口座開設のため", en: "To open an account" },
};
const hanako = {
  name: "山田 花子",
  birthdate: "1990-01-31",
  gender: "female",
  address: { formatted: "東京都千代田区千代田1-1", country: "JP" },
} as const;
const all = ["name", "birthdate", "gender", "address"] as const;

let provider: TestProvider;
let store: ClientStore & { text: string | undefined };
let xid: Xid;

function memoryStore() {
  return {
    text: undefined as string | undefined,
    async read() {
      return this.text;
    },
    async write(text: string) {
      this.text = text;
    },
  };
}

function create(options: Partial<XidOptions> = {}): Xid {
  return createXid({ issuer: provider.issuer, redirectUri, store, registration, ...options });
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "nothing thrown",
    (error) => error.code,
  );
}

const flipSignature = (jwt: string) => jwt.replace(/\.(.)([^.]*)$/, (_, a, b) => `.${a === "A" ? "B" : "A"}${b}`);

beforeAll(async () => {
  provider = await startTestProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.person = { id: "hanako", claims: { ...hanako }, declines: false, withholds: [] };
  store = memoryStore();
  xid = create();
});
afterEach(() => {
  provider.tamper = undefined;
});

describe("a sign-in", () => {
  it("gives the verified items that were asked, and who and how", async () => {
    const { url, transaction } = await xid.start({ required: all });
    expect(transaction.length).toBeLessThan(1000);
    const verified = await xid.finish(await browse(url, redirectUri), transaction);
    expect(verified.claims).toEqual(hanako);
    expect(verified.subject).toMatch(/^hanako-at-/);
    expect(verified.acr).toBe("urn:xid:acr:card-enrolled-device");
    expect(verified.amr).toEqual(["hwk", "user"]);
    expect(verified.idTokenClaims.iss).toBe(provider.issuer);
    expect(await xid.userInfo(verified)).toEqual(hanako);
  });

  it("asks for nothing but the subject unless told", async () => {
    const { url, transaction } = await xid.start();
    const { claims, idTokenClaims } = await xid.finish(await browse(url, redirectUri), transaction);
    expect(claims).toEqual({});
    expect(idTokenClaims).not.toHaveProperty("name");
  });

  it("shows nothing of the request in the browser but a reference to it", async () => {
    const { url } = await xid.start({ required: all });
    expect([...new URL(url).searchParams.keys()].sort()).toEqual(["client_id", "request_uri"]);
  });

  it("takes the callback as a path too", async () => {
    const { url, transaction } = await xid.start();
    const { pathname, search } = new URL(await browse(url, redirectUri));
    await expect(xid.finish(`${pathname}${search}`, transaction)).resolves.toHaveProperty("subject");
  });

  it("goes on without an optional item, but not without a required one", async () => {
    provider.person.withholds = ["address"];
    const optional = await xid.start({ required: ["name"], optional: ["address"] });
    const verified = await xid.finish(await browse(optional.url, redirectUri), optional.transaction);
    expect(verified.claims).toEqual({ name: hanako.name });
    delete (provider.person.claims as Record<string, unknown>).address;
    provider.person.withholds = [];
    const required = await xid.start({ required: ["name", "address"] });
    await expect(xid.finish(await browse(required.url, redirectUri), required.transaction)).rejects.toMatchObject({
      code: "CLAIMS_MISSING",
      missing: ["address"],
    });
  });

  it("keeps to FAPI 2.0 with message signing, encrypted, where that is asked for", async () => {
    const signing = create({ profile: "fapi2_message_signing", encrypted: true });
    const { url, transaction } = await signing.start({ required: all });
    expect(provider.registered.at(-1)).toMatchObject({
      xid_profile: "fapi2_message_signing",
      id_token_encrypted_response_alg: "ECDH-ES",
      userinfo_encrypted_response_enc: "A256GCM",
      jwks: { keys: [{ use: "sig" }, { use: "enc", alg: "ECDH-ES" }] },
    });
    let idToken = "";
    let userInfo = "";
    provider.tamper = ({ path, body }) => {
      if (path === "/token") idToken = (body as { id_token: string }).id_token;
      if (path === "/me") userInfo = String(body);
    };
    const callback = await browse(url, redirectUri);
    expect([...new URL(callback).searchParams.keys()]).toEqual(["response"]);
    const { claims } = await signing.finish(callback, transaction);
    expect(claims).toEqual(hanako);
    expect([idToken.split(".").length, userInfo.split(".").length]).toEqual([5, 5]);
  });

  it("refuses a signed answer that is another's, another transaction's, changed or not signed", async () => {
    const signing = create({ profile: "fapi2_message_signing" });
    const { url, transaction } = await signing.start();
    const callback = new URL(await browse(url, redirectUri));
    const response = callback.searchParams.get("response")!;
    const other = await signing.start();
    expect(await code(signing.finish(callback, other.transaction))).toBe("STATE_MISMATCH");
    const plain = new URL(redirectUri);
    plain.search = new URLSearchParams(decodeJwt(response) as Record<string, string>).toString();
    expect(await code(signing.finish(plain, transaction))).toBe("RESPONSE_INVALID");
    callback.searchParams.set("response", flipSignature(response));
    expect(await code(signing.finish(callback, transaction))).toBe("RESPONSE_INVALID");
    callback.searchParams.set("response", "no JWT");
    expect(await code(signing.finish(callback, transaction))).toBe("RESPONSE_INVALID");
    callback.searchParams.set("response", response);
    await expect(signing.finish(callback, transaction)).resolves.toHaveProperty("subject");
  });

  it("finishes in another process that has the same store", async () => {
    const { url, transaction } = await xid.start();
    await expect(create().finish(await browse(url, redirectUri), transaction)).resolves.toHaveProperty("subject");
  });

  it("leads to the provider's end of session", async () => {
    const url = new URL(await xid.signOutUrl({ returnTo: "http://127.0.0.1:9/" }));
    expect(url.origin).toBe(provider.issuer);
    expect(url.searchParams.get("post_logout_redirect_uri")).toBe("http://127.0.0.1:9/");
  });
});

describe("the client", () => {
  it("registers once, with DPoP, PAR and its public key, and keeps what it got", async () => {
    const before = provider.registered.length;
    await Promise.all([xid.start(), xid.start()]);
    await create().start();
    expect(provider.registered.length).toBe(before + 1);
    expect(provider.registered.at(-1)).toMatchObject({
      client_name: "はるかぜ銀行",
      "client_name#ja": "はるかぜ銀行",
      "client_name#en": "Harukaze Bank",
      xid_purpose: registration.purpose,
      token_endpoint_auth_method: "private_key_jwt",
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      subject_type: "pairwise",
      jwks: await xid.publicJwks(),
    });
    expect(JSON.stringify(await xid.publicJwks())).not.toContain('"d"');
  });

  it("registers again, once for all, when the provider has forgotten it", async () => {
    await xid.start();
    provider.forgetClients();
    const before = provider.registered.length;
    const started = await Promise.all([xid.start(), xid.start(), xid.start()]);
    expect(provider.registered.length).toBe(before + 1);
    const { url, transaction } = started[0];
    await expect(xid.finish(await browse(url, redirectUri), transaction)).resolves.toHaveProperty("subject");
  });

  it("registers again when what it says about itself has changed", async () => {
    await xid.start();
    const before = provider.registered.length;
    await create({ registration: { ...registration, name: "はるかぜ信託" } }).start();
    expect(provider.registered.length).toBe(before + 1);
  });

  it("works with a client that was registered by hand, and does not register that one", async () => {
    await xid.start();
    const clientId = String(provider.registered.at(-1)!.client_id);
    const byHand = createXid({ issuer: provider.issuer, redirectUri, store, clientId });
    const { url, transaction } = await byHand.start();
    await expect(byHand.finish(await browse(url, redirectUri), transaction)).resolves.toHaveProperty("subject");
    provider.forgetClients();
    await expect(byHand.start()).rejects.toMatchObject({ code: "PROVIDER_ERROR", oauthError: "invalid_client" });
  });

  it("says so when the provider is away, and works when it is back", async () => {
    const late = await startTestProvider();
    await late.close();
    const waiting = create({ issuer: late.issuer });
    expect(await code(waiting.start())).toBe("UNREACHABLE");
    expect(await code(waiting.prepare())).toBe("UNREACHABLE");
  });

  it("pushes a request once more when the connection was closed under it, and no more than once", async () => {
    await xid.prepare();
    let closed = 0;
    const close = (times: number) => {
      closed = 0;
      provider.tamper = ({ req, path }) => {
        if (path === "/request" && closed < times) {
          closed++;
          req.socket.destroy();
        }
      };
    };
    close(1);
    expect((await xid.start()).url).toContain("request_uri");
    expect(closed).toBe(1);
    close(9);
    expect(await code(xid.start())).toBe("UNREACHABLE");
    expect(closed).toBe(2);
  });

  it("says so when the provider takes no registrations", async () => {
    const closed = await startTestProvider({ features: { devInteractions: { enabled: false } } });
    expect(await code(create({ issuer: closed.issuer }).start())).toBe("NOT_REGISTERED");
    expect(await code(createXid({ issuer: closed.issuer, redirectUri, store }).start())).toBe("NOT_REGISTERED");
    await closed.close();
  });

  it("refuses a store with something else in it", async () => {
    store.text = "{}";
    expect(await code(xid.start())).toBe("STORE_UNUSABLE");
  });

  it("refuses an issuer or a redirect over plain http elsewhere", () => {
    expect(() => create({ issuer: "http://id.example" })).toThrow(TypeError);
    expect(() => create({ redirectUri: "http://bank.example/callback" })).toThrow(TypeError);
  });
});

describe("a hostile or unlucky callback", () => {
  async function callback(person: Partial<TestProvider["person"]> = {}) {
    Object.assign(provider.person, person);
    const { url, transaction } = await xid.start({ required: all });
    return { url: new URL(await browse(url, redirectUri)), transaction };
  }

  it("is refused without a transaction: it was opened in another browser", async () => {
    const { url } = await callback();
    expect(await code(xid.finish(url, undefined))).toBe("WRONG_BROWSER");
    expect(await code(xid.finish(url, ""))).toBe("WRONG_BROWSER");
  });

  it("is refused with a transaction that was sealed elsewhere or changed", async () => {
    const { url, transaction } = await callback();
    const elsewhere = await createXid({
      issuer: provider.issuer,
      redirectUri,
      store: memoryStore(),
      registration,
    }).start();
    expect(await code(xid.finish(url, elsewhere.transaction))).toBe("WRONG_BROWSER");
    // Not the last letter, some bits of which mean nothing.
    const letter = transaction.at(-9) === "A" ? "B" : "A";
    const changed = `${transaction.slice(0, -9)}${letter}${transaction.slice(-8)}`;
    expect(await code(xid.finish(url, changed))).toBe("WRONG_BROWSER");
    expect(await code(xid.finish(url, "not a transaction"))).toBe("WRONG_BROWSER");
  });

  it("is refused with the transaction of another sign-in", async () => {
    const mine = await callback();
    const theirs = await callback({ id: "taro" });
    expect(await code(xid.finish(theirs.url, mine.transaction))).toBe("STATE_MISMATCH");
  });

  it("is refused with another's code under my state: the code verifier does not fit", async () => {
    const mine = await callback();
    const theirs = await callback({ id: "taro" });
    mine.url.searchParams.set("code", theirs.url.searchParams.get("code")!);
    expect(await code(xid.finish(mine.url, mine.transaction))).toBe("EXPIRED");
  });

  it("is refused without state, with an empty one, and with two", async () => {
    const { url, transaction } = await callback();
    const state = url.searchParams.get("state")!;
    url.searchParams.delete("state");
    expect(await code(xid.finish(url, transaction))).toBe("STATE_MISMATCH");
    url.searchParams.set("state", "");
    expect(await code(xid.finish(url, transaction))).toBe("STATE_MISMATCH");
    url.searchParams.set("state", state);
    url.searchParams.append("state", state);
    expect(await code(xid.finish(url, transaction))).toBe("STATE_MISMATCH");
  });

  it("is refused from another issuer, and from one that does not say who it is", async () => {
    const { url, transaction } = await callback();
    url.searchParams.set("iss", "https://id.example");
    expect(await code(xid.finish(url, transaction))).toBe("ISSUER_MISMATCH");
    url.searchParams.delete("iss");
    expect(await code(xid.finish(url, transaction))).toBe("ISSUER_MISMATCH");
  });

  it("is refused when the ID token has another nonce", async () => {
    const { url, transaction } = await callback();
    const key = base64url.decode(JSON.parse(store.text!).transactionKey);
    const opened = await openTransaction(transaction, key, Date.now(), 60_000);
    const other = await sealTransaction({ ...opened, nonce: "another" }, key);
    expect(await code(xid.finish(url, other))).toBe("RESPONSE_INVALID");
  });

  it("is refused the second time", async () => {
    const { url, transaction } = await callback();
    await xid.finish(url, transaction);
    expect(await code(xid.finish(url, transaction))).toBe("EXPIRED");
  });

  it("is refused when it took too long", async () => {
    const { url, transaction } = await callback();
    const later = create({ clock: () => Date.now() + 901_000 });
    expect(await code(later.finish(url, transaction))).toBe("EXPIRED");
  });

  it("tells a person's no from a fault", async () => {
    const declined = await callback({ declines: true });
    expect(await code(xid.finish(declined.url, declined.transaction))).toBe("ACCESS_DENIED");
    declined.url.searchParams.set("error", "invalid_scope");
    await expect(xid.finish(declined.url, declined.transaction)).rejects.toMatchObject({
      code: "PROVIDER_ERROR",
      oauthError: "invalid_scope",
    });
  });

  it("is refused with two codes", async () => {
    const { url, transaction } = await callback();
    url.searchParams.append("code", "second");
    expect(await code(xid.finish(url, transaction))).toBe("RESPONSE_INVALID");
  });
});

describe("an answer changed on the way", () => {
  async function finishWith(path: string, change: (body: Record<string, unknown> | string) => unknown) {
    const { url, transaction } = await xid.start({ required: all });
    const callback = await browse(url, redirectUri);
    provider.tamper = (context) => {
      if (context.path === path) context.body = change(context.body as string);
    };
    return code(xid.finish(callback, transaction));
  }

  it("is refused when the ID token's signature is not the provider's", async () => {
    const result = await finishWith("/token", (body) => {
      const token = body as Record<string, string>;
      return { ...token, id_token: flipSignature(token.id_token!) };
    });
    expect(result).toBe("RESPONSE_INVALID");
  });

  it("is refused when the ID token is absent", async () => {
    expect(await finishWith("/token", (body) => ({ ...(body as object), id_token: undefined }))).toBe(
      "RESPONSE_INVALID",
    );
  });

  it("is refused when the access token is not bound to our key", async () => {
    expect(await finishWith("/token", (body) => ({ ...(body as object), token_type: "Bearer" }))).toBe(
      "RESPONSE_INVALID",
    );
  });

  it("is refused when the signature of the items is not the provider's", async () => {
    expect(await finishWith("/me", (body) => flipSignature(String(body)))).toBe("RESPONSE_INVALID");
  });

  it("is refused when the items are another person's, though well signed", async () => {
    let taros = "";
    provider.person.id = "taro";
    await finishWith("/me", (body) => {
      taros = String(body);
      return body;
    });
    expect(taros).toMatch(/^ey/);
    provider.person.id = "hanako";
    expect(await finishWith("/me", () => taros)).toBe("RESPONSE_INVALID");
  });

  it("is refused when an item has another form than promised", async () => {
    for (const wrong of [
      { birthdate: "31.1.1990" },
      { gender: "f" },
      { name: { given: "x" } },
      { address: "Tokyo" },
      { address: { formatted: "", country: "JP" } },
    ]) {
      provider.person.claims = { ...hanako, ...wrong };
      const { url, transaction } = await xid.start({ required: all });
      expect(await code(xid.finish(await browse(url, redirectUri), transaction))).toBe("RESPONSE_INVALID");
    }
  });
});
