import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createXid, type XidEvent } from "@xid/sdk/server";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident } from "./resident.ts";

/** The API as any HTTP client calls it. */
function callAs({ client_id, client_secret }: { client_id: string; client_secret: string }) {
  const { platform } = inject("places");
  const basic = Buffer.from(`${client_id}:${client_secret}`).toString("base64");
  return async (method: string, path: string) => {
    const granted = await fetch(`${platform}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "webhooks" }),
    });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${platform}/v1${path}`, {
      method,
      headers,
      ...(method === "POST" && { body: "{}" }),
    });
    return response.json();
  };
}

describe("a bank that wants to know what happens to its customers", () => {
  let bank: RunningExample;
  beforeAll(async () => {
    bank = await startExample("webhooks");
  });
  afterAll(() => bank?.stop());

  const told = (): XidEvent[] => {
    const file = join(bank.folder, "events.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.map((line) => JSON.parse(line));
  };
  const typesTold = () => told().map(({ type }) => type);

  it("is told of an approval with its result and of the end of the link", async () => {
    const { id } = await createResident();
    const person = ["--person", id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${bank.origin}/sign-in`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const signedIn = await xid("wallet", "sign-in", ...person, "--url", started.headers.get("location")!);
    const subject = await (await fetch(String(signedIn.redirect), { headers: { cookie } })).text();
    await expect.poll(typesTold, { timeout: 20_000 }).toEqual(["request.approved"]);
    expect(told()[0]).toMatchObject({ subject, data: { kind: "sign_in", request: { items: [] } } });

    const [service] = (await xid<{ services: { clientId: string }[] }>("wallet", "services", ...person)).services;
    await xid("wallet", "unlink", service!.clientId, ...person);
    await expect.poll(typesTold, { timeout: 20_000 }).toEqual(["request.approved", "consent.withdrawn"]);
    expect(told()[1]).toMatchObject({ subject, data: { consent: "link" } });
  });

  it("can be watched by hand: xid webhook listen", async () => {
    const { portBase, data } = inject("places");
    const uri = "http://localhost:4010/callback";
    const client = await xid("client", "register", "--redirect-uri", uri, "--auth", "client_secret_basic");
    const program = new URL("../packages/cli/bin/xid.js", import.meta.url).pathname;
    const words = ["webhook", "listen", "--client", String(client.client_id), "--events", "request.approved,card.lost"];
    const child = spawn(program, [...words, "--port-base", String(portBase), "--data", data, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? "null");
    expect(await next()).toMatchObject({ listening: expect.stringMatching(/^http:/) });
    const call = callAs(client as { client_id: string; client_secret: string });
    const { endpoints } = await call("GET", "/webhook-endpoints");
    expect(endpoints).toMatchObject([{ form: "webhook", events: ["request.approved", "card.lost"] }]);
    const { eventId } = await call("POST", `/webhook-endpoints/${endpoints[0].id}/test-events`);
    expect(await next()).toMatchObject({ id: eventId, type: "webhook.test" });
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect((await call("GET", "/webhook-endpoints")).endpoints).toEqual([]);
  });

  it("may ask for security event tokens instead, where nobody can call it", async () => {
    let text: string | undefined;
    const party = createXid({
      issuer: inject("places").platform,
      redirectUri: "http://localhost:4010/callback",
      registration: { name: "さくら銀行", purpose: { ja: "本人確認のため", en: "To know who you are" } },
      store: {
        read: async () => text,
        write: async (written) => {
          text = written;
        },
      },
    });
    const { id, secret } = await party.webhooks.create({ form: "set_poll", events: ["card.lost"] });
    expect(secret).toBeNull();
    const { eventId } = await party.webhooks.sendTest(id);
    const { sets, moreAvailable } = await party.webhooks.poll(id);
    expect([Object.keys(sets), moreAvailable]).toEqual([[eventId], false]);
    expect(await party.verifySecurityEvent(sets[eventId]!)).toMatchObject({
      id: eventId,
      subject: null,
      uri: "https://schemas.openid.net/secevent/ssf/event-type/verification",
    });
    expect((await party.webhooks.poll(id)).sets).toHaveProperty(eventId);
    expect((await party.webhooks.poll(id, { ack: [eventId] })).sets).toEqual({});
    expect(await party.webhooks.delivery(`${eventId}.${id}`)).toMatchObject({ state: "delivered" });
    const metadata = await fetch(`${inject("places").platform}/.well-known/ssf-configuration`);
    expect(await metadata.json()).toMatchObject({ spec_version: "1_0", issuer: inject("places").platform });
  });
});
