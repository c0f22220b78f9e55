import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createXid, fileStore } from "@xid/sdk/server";
import { Browser, signIn } from "@xid/sdk/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { authorizationCode, enrolledResident, everything } from "./headless.ts";
import { RelyingParty } from "./relying-party.ts";
import { freePort, type ServerProcess, startServer } from "./server-process.ts";

/** The server dies by SIGKILL, its embedded database lives on as an orphan, and a new server adopts it. */
describe("a server that is killed and started again", () => {
  const { sandbox, app } = inject("places");
  const data = mkdtempSync(join(tmpdir(), "xid-killed-"));
  let places: { platform: string; sandbox: string; app: string };
  let server: ServerProcess;
  let port: number;

  const start = () => startServer({ sandbox, app }, { port, issuer: places.platform, data });
  const killAndStart = async () => {
    await server.end("SIGKILL");
    server = await start();
  };

  beforeAll(async () => {
    port = await freePort();
    places = { platform: `http://localhost:${port}`, sandbox, app };
    server = await start();
  });
  afterAll(async () => {
    await server?.end("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  });

  it("completes a sign-in that was approved before it died, and has lost nothing that it acknowledged", async () => {
    const party = await RelyingParty.register(places.platform);
    const { wallet, resident } = await enrolledResident(places, data);
    const { url, verifier } = party.authorization();

    const browser = new Browser(places.platform);
    const page = await browser.get(url);
    if (page.kind !== "page") throw new Error("no sign-in page");
    const { requestId } = (await page.response.json()) as { requestId: string };
    await killAndStart();

    await wallet.openRequest({ requestId, via: "link" });
    const { returnTo } = await wallet.approve(requestId, everything);
    await killAndStart();

    const callback = await browser.post(`${page.url}/return`, { secret: returnTo!.split("#")[1] });
    if (callback.kind !== "callback") throw new Error(`no callback but ${callback.url}`);
    const code = new URL(callback.url).searchParams.get("code")!;
    await killAndStart();

    const tokens = await party.redeem(code, verifier);
    expect(tokens.status).toBe(200);
    await killAndStart();

    const userInfo = await fetch(`${places.platform}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.body.access_token}` },
    });
    expect(userInfo.status).toBe(200);
    expect(await userInfo.json()).toMatchObject({ name: resident.name, birthdate: resident.birthdate });
    expect((await party.redeem(code, verifier)).body.error).toBe("invalid_grant");
    expect((await wallet.services()).services.map(({ clientId }) => clientId)).toEqual([party.clientId]);
    expect(await authorizationCode(wallet, party.authorization().url)).toBeTruthy();
  });
  it("does a call once under its idempotency key, whenever it is killed", async () => {
    const party = await RelyingParty.register(places.platform, {
      grant_types: ["client_credentials", "authorization_code"],
    });
    const authorization = `Bearer ${await party.ownToken("webhooks")}`;
    const call = (init: RequestInit) =>
      fetch(`${places.platform}/v1/webhook-endpoints`, {
        ...init,
        headers: { authorization, "content-type": "application/json", "idempotency-key": '"the one endpoint"' },
      });
    const body = JSON.stringify({ form: "webhook", url: "https://bank.example/hook", events: ["card.lost"] });
    // Cut off at three moments: on its way, while it is written, when it is perhaps answered.
    for (const wait of [1, 5, 15]) {
      const sent = call({ method: "POST", body }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, wait));
      await killAndStart();
      await sent;
    }
    const created = async () => {
      const response = await call({ method: "POST", body });
      return response.status === 201 ? ((await response.json()) as { id: string }).id : response.status;
    };
    await expect.poll(created, { timeout: 60_000, interval: 1000 }).toMatch(/^[0-9a-f-]{36}$/);
    const list = (await (await call({ method: "GET" })).json()) as { endpoints: { id: string }[] };
    expect(list.endpoints.map(({ id }) => id)).toEqual([await created()]);
  });

  it("gives what was approved over the back channel before it died, and tells the service of it", async () => {
    const announced = Promise.withResolvers<{ authorization: string | undefined; body: string }>();
    const listener = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(204).end();
      announced.resolve({ authorization: request.headers.authorization, body });
    });
    const listenAt = await freePort();
    const xid = createXid({
      issuer: places.platform,
      redirectUri: "http://localhost:9/callback",
      store: fileStore(join(data, "service.json")),
      registration: {
        name: "Call Centre",
        purpose: { ja: "ご本人の確認のため", en: "To confirm that it is you" },
        backChannel: { announceTo: `http://localhost:${listenAt}/` },
      },
    });
    const { wallet } = await enrolledResident(places, data);
    const { url, transaction } = await xid.start();
    const { subject } = await xid.finish(await signIn(wallet, url, everything), transaction);
    const { id, pending } = await xid.requestApproval({ subject, message: "お振込の確認です" });
    await killAndStart();

    const [sent] = (await wallet.requests()).requests;
    await wallet.approve(sent!.requestId, everything);
    await killAndStart();

    listener.listen(listenAt);
    const { authorization, body } = await announced.promise;
    listener.close();
    expect(await xid.readAnnouncement(authorization, body)).toBe(id);
    expect(await xid.approval(pending)).toMatchObject({ subject, requestId: sent!.requestId });
    await expect(xid.approval(pending)).rejects.toMatchObject({ code: "EXPIRED" });
  });
});
