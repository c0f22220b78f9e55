import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Certificate } from "@xid/pki";
import { type ItemName, itemNames } from "@xid/protocol";
import { Hono } from "hono";
import { pino } from "pino";
import type { AttributeVersion } from "../attributes/attribute-version.ts";
import { type Config, readConfig } from "../config.ts";
import { createApp } from "../http/app.ts";
import { createHttpServer } from "../http/server.ts";
import { certificateContext, toStoredCertificate } from "../identity/stored-certificate.ts";
import type { Platform } from "../platform.ts";
import { openDatabase } from "../store/database.ts";
import { loadSealer, type Sealer } from "../store/sealer.ts";
import { createTestDatabase, type TestDatabase } from "../store/test-database.ts";
import { createAssets } from "./assets.ts";
import { Announcer } from "./back-channel/announcements.ts";
import { createInteraction } from "./interaction.ts";
import { loadProviderKeys, type ProviderKeys } from "./keys.ts";
import { LogoutNotifier } from "./logout/logout-notifier.ts";
import { createProvider, providerForms, providerPaths } from "./provider.ts";
import { Subjects } from "./subjects.ts";
import { WaitingPages } from "./waiting-pages.ts";

export type TestProvider = {
  issuer: string;
  config: Config;
  /** A second process on the same database: its base URL. */
  otherUrl: string;
  database: TestDatabase["database"];
  sealer: Sealer;
  keys: ProviderKeys;
  /** Of both processes; each announces when it is told to. */
  announcers: Announcer[];
  logoutNotifiers: LogoutNotifier[];
  close(): Promise<void>;
};

/**
 * The OpenID Provider over real HTTP and PostgreSQL, twice, as two processes would be; without the wallet's half.
 */
export async function startTestProvider(environment: Record<string, string> = {}): Promise<TestProvider> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "xid-provider-"));
  const [test, port, otherPort] = await Promise.all([createTestDatabase(), freePort(), freePort()]);
  const config = readConfig({
    XID_PROFILE: "sandbox",
    XID_PORT: String(port),
    XID_DATA_DIR: dataDirectory,
    ...environment,
  });
  const keyDirectory = join(dataDirectory, "keys");
  const [sealer, keys] = await Promise.all([loadSealer(keyDirectory), loadProviderKeys(keyDirectory)]);
  const announcers: Announcer[] = [];
  const logoutNotifiers: LogoutNotifier[] = [];
  const stops = await Promise.all(
    [port, otherPort].map(async (listenPort) => {
      const store = openDatabase({ ...test.connection, max: 5 });
      const { database, unsynced } = store;
      const parts = {
        config,
        database,
        unsynced,
        sealer,
        clock: Date.now,
        jpki: { now: async () => Date.now() },
        log: pino({ level: "silent" }),
      };
      // Of JPKI the clock alone, and no signing CA: those are the wallet's half.
      const platform = parts as unknown as Platform;
      const subjects = new Subjects(platform, keys.pairwise);
      const provider = createProvider(platform, store, keys);
      announcers.push(new Announcer(platform, provider));
      logoutNotifiers.push(new LogoutNotifier(platform, provider));
      const app = createApp(platform, {
        interaction: createInteraction(platform, {
          provider,
          subjects,
          cookies: keys.cookies,
          waitingPages: new WaitingPages(platform),
        }),
        assets: await createAssets(),
        walletApi: new Hono(),
        caApi: new Hono(),
        credentialApi: new Hono(),
        logApi: new Hono(),
        relyingPartyApi: new Hono(),
      });
      const server = createHttpServer(platform, {
        provider: provider.callback(),
        providerPaths,
        forms: providerForms(provider.callback()),
        app,
      });
      server.listen(listenPort);
      await once(server, "listening");
      return async () => {
        server.close();
        server.closeAllConnections();
        await store.close();
      };
    }),
  );
  return {
    issuer: config.issuer,
    config,
    otherUrl: `http://localhost:${otherPort}`,
    database: test.database,
    sealer,
    keys,
    announcers,
    logoutNotifiers,
    async close() {
      await Promise.all(stops.map((stop) => stop()));
      await test.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

/** Registers a client dynamically (RFC 7591) and returns the answer. */
export async function registerClient(issuer: string, metadata: object) {
  const response = await fetch(`${issuer}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "テスト銀行", ...metadata }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** An account with attributes, written as an enrolment would leave them. */
export async function createTestAccount(
  { database, sealer }: Pick<TestProvider, "database" | "sealer">,
  certificate?: Certificate,
) {
  const accountId = randomUUID();
  const now = new Date();
  const lookup = randomBytes(32);
  const attributes = {
    name: "山田　花子",
    birthdate: "1990-04-01",
    gender: "female",
    address: "東京都千代田区千代田１番１号",
    nameSubstitutes: [],
    addressSubstitutes: [],
  } satisfies AttributeVersion;
  await database.insertInto("accounts").values({ account_id: accountId, created_at: now }).execute();
  await database
    .insertInto("attributes")
    .values({
      account_id: accountId,
      version: 1,
      attributes_sealed: sealer.seal(`attributes.attributes_sealed:${accountId}.1`, JSON.stringify(attributes)),
      source: "signature_certificate",
      serial_lookup: lookup,
      verified_at: now,
    })
    .execute();
  if (certificate) {
    const seal = (column: string, value: object) =>
      sealer.seal(certificateContext(column, accountId, lookup), JSON.stringify(value));
    await database
      .insertInto("certificates")
      .values({
        account_id: accountId,
        serial_lookup: lookup,
        kind: "signature",
        source: "proof",
        certificate_sealed: seal("certificate_sealed", toStoredCertificate(certificate, [certificate])),
        serial_sealed: seal("serial_sealed", {}),
        not_after: certificate.notAfter,
        status: "good",
        status_checked_at: now,
        linked_at: now,
      })
      .execute();
  }
  return { accountId, attributes };
}

/** A person linked with a client, as an approval leaves it. */
export async function linkAccount(
  { database }: Pick<TestProvider, "database">,
  { accountId, clientId }: { accountId: string; clientId: string },
): Promise<void> {
  const now = new Date();
  await database
    .insertInto("consents")
    .values({
      account_id: accountId,
      client_id: clientId,
      client_name: JSON.stringify({ ja: "テスト銀行", en: "Test Bank" }),
      domain: "bank.example",
      items: [],
      granted_at: now,
      last_used_at: now,
      revoked_at: null,
      requests_blocked_at: null,
    })
    .execute();
}

/** What an approval on a device leaves in the request. How it comes about is the wallet API's to prove. */
export async function recordApproval(
  { database }: Pick<TestProvider, "database">,
  requestId: string,
  {
    accountId,
    via,
    items = itemNames,
  }: { accountId: string; via: "link" | "qr" | "push"; items?: readonly ItemName[] },
): Promise<void> {
  await database
    .updateTable("requests")
    .set({
      state: "approved",
      via,
      account_id: accountId,
      device_id: randomUUID(),
      granted_items: [...items],
      user_verification: "biometric",
      key_level: "software",
      evidence_id: randomUUID(),
      decided_at: new Date(),
    })
    .where("request_id", "=", requestId)
    .execute();
}

/** A browser as far as a sign-in needs one: cookies with their paths, and no redirect followed by itself. */
export class TestBrowser {
  readonly #cookies = new Map<string, { value: string; path: string }>();

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
    const response = await fetch(url, { redirect: "manual", ...init, headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(/; */);
      const [name = "", value = ""] = pair.split("=", 2);
      const path = attributes.find((attribute) => attribute.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
      if (value) this.#cookies.set(name, { value, path });
      else this.#cookies.delete(name);
    }
    return response;
  }

  /** Opens an authorization URL and returns the id of the request that it leads to. */
  async begin(authorizationUrl: string, issuer: string): Promise<string> {
    const response = await this.fetch(authorizationUrl);
    const location = response.headers.get("location");
    if (!location?.includes("/interaction/")) throw new Error(`no sign-in page: ${response.status} ${location}`);
    const page = await this.fetch(new URL(location, issuer).href, { headers: { accept: "application/json" } });
    return ((await page.json()) as { requestId: string }).requestId;
  }

  /** Goes on after an approval, as far as the relying party's redirect URI. */
  async finish(issuer: string, requestId: string, step: "finish" | "cancel" = "finish"): Promise<URL> {
    const finished = await this.fetch(`${issuer}/interaction/${requestId}/${step}`, { method: "POST" });
    const resumed = await this.fetch(new URL(finished.headers.get("location") ?? "", issuer).href);
    return new URL(resumed.headers.get("location") ?? "");
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
