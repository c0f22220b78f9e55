import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { createOidcAdapter } from "./oidc-adapter.ts";
import { Sealer } from "./sealer.ts";
import { sweep } from "./sweep.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

const sealer = new Sealer({
  sealing: [{ id: "00000001", key: createSecretKey(randomBytes(32)) }],
  lookup: createSecretKey(randomBytes(32)),
});

describe("the OpenID Provider's storage", () => {
  let test1: TestDatabase;
  let other: ReturnType<typeof openDatabase>;
  let now = Date.now();
  const adapters = (model: string): [Adapter, Adapter] => {
    const parts = { sealer, clock: () => now };
    return [
      createOidcAdapter({ ...parts, ...test1 })(model) as Adapter,
      createOidcAdapter({ ...parts, ...other })(model) as Adapter,
    ];
  };
  /** Ten at once, spread over two pools as over two processes. */
  const race = async (model: string, work: (adapter: Adapter) => Promise<unknown>) => {
    const pair = adapters(model);
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => work(pair[index % 2] as Adapter)),
    );
    return {
      won: results.filter(({ status }) => status === "fulfilled").length,
      errors: results.flatMap((result) => (result.status === "rejected" ? [result.reason.error] : [])),
    };
  };
  const row = async (model: string) =>
    (await test1.database.selectFrom("oidc_artefacts").selectAll().where("model", "=", model).execute()).at(-1);

  beforeAll(async () => {
    test1 = await createTestDatabase();
    other = openDatabase(test1.connection);
  });
  afterAll(async () => {
    await other.close();
    await test1.close();
  });

  test.each(["AuthorizationCode", "RefreshToken"])(
    "lets exactly one of ten parallel uses of one %s through",
    async (model) => {
      const id = randomUUID();
      await adapters(model)[0].upsert(id, { jti: id, kind: model }, 60);
      const { won, errors } = await race(model, (adapter) => adapter.consume(id));
      expect(won).toBe(1);
      expect(errors).toEqual(Array(9).fill("invalid_grant"));
      expect((await adapters(model)[1].find(id))?.consumed).toBe(Math.floor(now / 1000));
    },
  );

  test("names a pushed request that was used before by its own error", async () => {
    const [adapter] = adapters("PushedAuthorizationRequest");
    await adapter.upsert("p", { request: "r" }, 60);
    await adapter.consume("p");
    await expect(adapter.consume("p")).rejects.toMatchObject({ error: "invalid_request_uri" });
  });

  test("takes one of ten parallel uses of one assertion or proof", async () => {
    const id = randomUUID();
    const { won } = await race("ReplayDetection", async (adapter) => {
      expect(await adapter.find(id)).toBeUndefined();
      await adapter.upsert(id, { jti: id }, 60);
    });
    expect(won).toBe(1);
  });

  test("lets one of two go on from the same interaction", async () => {
    const id = randomUUID();
    await adapters("Interaction")[0].upsert(id, { jti: id }, 60);
    const { won } = await race("Interaction", (adapter) => adapter.destroy(id));
    expect(won).toBe(1);
  });

  test("keeps no bearer secret, only its digest", async () => {
    const [adapter, elsewhere] = adapters("AccessToken");
    const secret = randomBytes(32).toString("base64url");
    await adapter.upsert(secret, { jti: secret, scope: "openid" }, 60);
    expect(JSON.stringify(await row("AccessToken"))).not.toContain(secret);
    expect(await elsewhere.find(secret)).toEqual({ jti: secret, scope: "openid" });
  });

  test("seals client secrets and opens them in every process", async () => {
    const [adapter, elsewhere] = adapters("Client");
    const client = { client_id: "c1", client_secret: "correct horse battery staple" } as AdapterPayload;
    await adapter.upsert("c1", client);
    expect(JSON.stringify(await row("Client"))).not.toContain("horse");
    expect(await adapter.find("c1")).toEqual(client);
    expect(await elsewhere.find("c1")).toEqual(client);
  });

  test("sees a client's change elsewhere after the cache's few seconds", async () => {
    const [adapter, elsewhere] = adapters("Client");
    await adapter.upsert("c2", { client_name: "before" });
    expect((await elsewhere.find("c2"))?.client_name).toBe("before");
    await adapter.upsert("c2", { client_name: "after" });
    now += 5_000;
    expect((await elsewhere.find("c2"))?.client_name).toBe("after");
  });

  test("keeps no session but that of a sign-out in progress", async () => {
    const [adapter] = adapters("Session");
    await adapter.upsert("s1", { jti: "s1", uid: "u", accountId: randomUUID() }, 60);
    expect(await adapter.find("s1")).toBeUndefined();
    await adapter.upsert("s2", { jti: "s2", uid: "u", state: { secret: "x" } }, 60);
    expect((await adapter.find("s2"))?.state).toEqual({ secret: "x" });
  });

  test("revokes every token of a grant", async () => {
    const [adapter] = adapters("AccessToken");
    await adapter.upsert("t1", { jti: "t1", grantId: "g" }, 60);
    await adapter.upsert("t2", { jti: "t2", grantId: "other" }, 60);
    await adapter.revokeByGrantId("g");
    expect(await adapter.find("t1")).toBeUndefined();
    expect(await adapter.find("t2")).toBeDefined();
  });

  test("finds nothing that has expired, and sweeps it away", async () => {
    const [adapter] = adapters("AccessToken");
    await adapter.upsert("short", { jti: "short" }, 10);
    await adapter.upsert("long", { jti: "long" }, 1000);
    now += 10_000;
    expect(await adapter.find("short")).toBeUndefined();
    expect(await adapter.find("long")).toBeDefined();
    expect(await sweep(test1.database, now)).toBeGreaterThan(0);
    expect(await adapter.find("long")).toBeDefined();
    const expired = await test1.database
      .selectFrom("oidc_artefacts")
      .select("id")
      .where("expires_at", "<=", new Date(now))
      .execute();
    expect(expired).toEqual([]);
  });
});
